"""The staff's side: the inbox, one inquiry, mails and calls, when somebody can be seen, and what takes time away."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model

from appointments.admin.accounts import AccountWithWorkAdmin
from appointments.admin.agenda.urls import PAGES
from appointments.admin.doctor.doctor_admin import DoctorQuestionAdmin
from appointments.admin.lists.all_appointments import AppointmentAdmin
from appointments.admin.lists.canned_replies import CannedReplyAdmin
from appointments.admin.lists.inbox import InquiryAdmin
from appointments.admin.lists.who_saw import AccessLogAdmin
from appointments.admin.notifications.call_tasks import CallTaskAdmin
from appointments.admin.notifications.emails import EmailAdmin
from appointments.admin.notifications.mail_texts import MailTextAdmin
from appointments.admin.reports.addresses import InquiryWithReportsAdmin
from appointments.admin.schedule.closures import ClosureAdmin
from appointments.admin.schedule.practitioners import PractitionerAdmin
from appointments.admin.schedule.time_zone import ClinicWithTimesAdmin
from appointments.admin.schedule.visit_types import VisitTypeAdmin
from appointments.admin.today import day_list, day_note, press, waiting_number
from appointments.models import (
    AccessLog,
    Appointment,
    CallTask,
    CannedReply,
    Closure,
    DoctorQuestion,
    Email,
    Inquiry,
    MailText,
    Practitioner,
    VisitType,
)
from clinic.models import Clinic

admin.site.register(Inquiry, InquiryWithReportsAdmin)
admin.site.register(Appointment, AppointmentAdmin)
admin.site.register(Email, EmailAdmin)
admin.site.register(CallTask, CallTaskAdmin)
admin.site.register(AccessLog, AccessLogAdmin)
admin.site.register(DoctorQuestion, DoctorQuestionAdmin)
admin.site.register(MailText, MailTextAdmin)
admin.site.register(CannedReply, CannedReplyAdmin)
admin.site.register(Closure, ClosureAdmin)
admin.site.register(Practitioner, PractitionerAdmin)
admin.site.register(VisitType, VisitTypeAdmin)
# What the clinic's time zone takes from patients, the clinic's own app cannot know.
admin.site.unregister(Clinic)
admin.site.register(Clinic, ClinicWithTimesAdmin)
# Nor what somebody of the staff has taken.
admin.site.unregister(get_user_model())
admin.site.register(get_user_model(), AccountWithWorkAdmin)
for address, view, name in PAGES:
    admin.site.add_page(address, view, name)  # type: ignore[attr-defined]  # ClinicAdminSite has it.
# Today: pages at addresses of their own.
site: Any = admin.site  # Ours, as clinic.apps says.
site.add_page("waiting/", waiting_number.view, "waiting", Inquiry)
site.add_page("today/mark/", press.view, "today_mark", Appointment)
site.add_page("today/note/", day_note.write, "day_note", Appointment)
site.add_page("agenda/<slug:day>/print/", day_list.view, "day_list", Appointment)

__all__ = [
    "AccessLogAdmin", "AccountWithWorkAdmin", "AppointmentAdmin", "CallTaskAdmin", "CannedReplyAdmin",
    "ClinicWithTimesAdmin", "ClosureAdmin", "DoctorQuestionAdmin", "EmailAdmin", "InquiryAdmin",
    "InquiryWithReportsAdmin", "MailTextAdmin", "PractitionerAdmin", "VisitTypeAdmin",
]  # fmt: skip
