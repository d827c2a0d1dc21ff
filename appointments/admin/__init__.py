"""The front desk's side: the inbox, one inquiry, mails and calls, who sees patients, and closures."""

from django.contrib import admin
from django.http import HttpRequest

from appointments.admin.appointments import AppointmentAdmin
from appointments.admin.inbox import InquiryAdmin
from appointments.admin.mail import CallTaskAdmin, EmailAdmin, MailTextAdmin
from appointments.models import Appointment, CallTask, Closure, Email, Inquiry, MailText, Practitioner

admin.site.register(Inquiry, InquiryAdmin)
admin.site.register(Appointment, AppointmentAdmin)
admin.site.register(Email, EmailAdmin)
admin.site.register(CallTask, CallTaskAdmin)
admin.site.register(MailText, MailTextAdmin)


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


__all__ = [
    "AppointmentAdmin",
    "CallTaskAdmin",
    "ClosureAdmin",
    "EmailAdmin",
    "InquiryAdmin",
    "MailTextAdmin",
    "PractitionerAdmin",
]
