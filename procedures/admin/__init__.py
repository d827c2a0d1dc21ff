"""What editors and clinicians do: procedures, their pages, every version of their words, and the sign-off."""

from django.contrib import admin
from django.http import HttpRequest

from clinic.admin_site import ShownOnTheSite
from procedures.admin.pages import PageAdmin
from procedures.models import Page, Procedure

admin.site.register(Page, PageAdmin)


@admin.register(Procedure)
class ProcedureAdmin(ShownOnTheSite):
    list_display = ["name", "is_published", "position"]
    prepopulated_fields = {"slug": ["name"]}

    def has_delete_permission(self, request: HttpRequest, obj: Procedure | None = None) -> bool:
        """Inquiries keep what they are about: a procedure that is no longer offered is hidden instead."""
        return False


__all__ = ["PageAdmin", "ProcedureAdmin"]
