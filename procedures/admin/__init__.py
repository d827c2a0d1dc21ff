"""What editors and clinicians do: procedures, their facts and pages, all versions of the words, and the sign-off."""

from django.contrib import admin

from procedures.admin.drawings import DrawingAdmin
from procedures.admin.facts import FactAdmin
from procedures.admin.pages import PageAdmin
from procedures.admin.procedure import ProcedureAdmin
from procedures.models import Drawing, Fact, Page, Procedure

admin.site.register(Page, PageAdmin)
admin.site.register(Drawing, DrawingAdmin)
admin.site.register(Fact, FactAdmin)
admin.site.register(Procedure, ProcedureAdmin)

__all__ = ["DrawingAdmin", "FactAdmin", "PageAdmin", "ProcedureAdmin"]
