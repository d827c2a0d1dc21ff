"""The front desk's side: the inbox, one inquiry, who sees patients, and when the clinic is closed."""

from django.contrib import admin
from django.http import HttpRequest

from appointments.admin.inbox import InquiryAdmin
from appointments.models import Closure, Inquiry, Practitioner

admin.site.register(Inquiry, InquiryAdmin)


@admin.register(Closure)
class ClosureAdmin(admin.ModelAdmin):
    list_display = ["name", "starts_at", "ends_at"]
    ordering = ["-starts_at"]


@admin.register(Practitioner)
class PractitionerAdmin(admin.ModelAdmin):
    list_display = ["name", "title", "is_active", "position"]

    def has_delete_permission(self, request: HttpRequest, obj: Practitioner | None = None) -> bool:
        """Appointments keep whom they were with: somebody who left no longer sees patients here."""
        return False


__all__ = ["ClosureAdmin", "InquiryAdmin", "PractitionerAdmin"]
