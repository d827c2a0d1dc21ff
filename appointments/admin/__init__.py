"""The staff's side: the inbox, one inquiry, mails and calls, when somebody can be seen, and what takes time away."""

from django.contrib import admin

from appointments.admin.appointments import AppointmentAdmin
from appointments.admin.closures import ClosureAdmin
from appointments.admin.inbox import InquiryAdmin
from appointments.admin.mail import CallTaskAdmin, EmailAdmin, MailTextAdmin
from appointments.admin.schedule import PractitionerAdmin, VisitTypeAdmin
from appointments.models import Appointment, CallTask, Closure, Email, Inquiry, MailText, Practitioner, VisitType

admin.site.register(Inquiry, InquiryAdmin)
admin.site.register(Appointment, AppointmentAdmin)
admin.site.register(Email, EmailAdmin)
admin.site.register(CallTask, CallTaskAdmin)
admin.site.register(MailText, MailTextAdmin)
admin.site.register(Closure, ClosureAdmin)
admin.site.register(Practitioner, PractitionerAdmin)
admin.site.register(VisitType, VisitTypeAdmin)

__all__ = [
    "AppointmentAdmin", "CallTaskAdmin", "ClosureAdmin", "EmailAdmin", "InquiryAdmin", "MailTextAdmin",
    "PractitionerAdmin", "VisitTypeAdmin",
]  # fmt: skip
