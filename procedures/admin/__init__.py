"""What editors and clinicians do: procedures, their facts and pages, all versions of the words, and the sign-off."""

from django.contrib import admin

from procedures.admin.facts import FactAdmin
from procedures.admin.pages import PageAdmin
from procedures.admin.procedure import ProcedureAdmin
from procedures.models import Fact, Page, Procedure

admin.site.register(Page, PageAdmin)
admin.site.register(Fact, FactAdmin)
admin.site.register(Procedure, ProcedureAdmin)

__all__ = ["FactAdmin", "PageAdmin", "ProcedureAdmin"]
