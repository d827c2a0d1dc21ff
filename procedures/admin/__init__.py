"""What editors and clinicians do: procedures, their facts and pages, all versions of the words, and the sign-off."""

from django.contrib import admin
from django.http import HttpRequest

from clinic.admin_site import ShownOnTheSite
from procedures.admin.facts import FactAdmin
from procedures.admin.pages import PageAdmin
from procedures.models import Fact, Page, Procedure

admin.site.register(Page, PageAdmin)
admin.site.register(Fact, FactAdmin)


@admin.register(Procedure)
class ProcedureAdmin(ShownOnTheSite):
    list_display = ["name", "is_published", "position"]
    prepopulated_fields = {"slug": ["name"]}

    def has_delete_permission(self, request: HttpRequest, obj: Procedure | None = None) -> bool:
        """Inquiries keep what they are about: a procedure that is no longer offered is hidden instead."""
        return False


__all__ = ["FactAdmin", "PageAdmin", "ProcedureAdmin"]
