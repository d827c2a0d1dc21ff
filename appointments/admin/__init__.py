"""The front desk's side: the inbox, one inquiry, and the days on which the clinic is closed."""

from django.contrib import admin

from appointments.admin.inbox import InquiryAdmin
from appointments.models import Closure, Inquiry

admin.site.register(Inquiry, InquiryAdmin)


@admin.register(Closure)
class ClosureAdmin(admin.ModelAdmin):
    list_display = ["name", "starts_at", "ends_at"]
    ordering = ["-starts_at"]


__all__ = ["ClosureAdmin", "InquiryAdmin"]
