"""What visitors ask and get, when they can be seen, and what the front desk did about it."""

from appointments.models.access_log import AccessAction, AccessLog, AccessLogDay
from appointments.models.appointment import Appointment
from appointments.models.appointment_status import AppointmentStatus
from appointments.models.brought_in import BroughtIn
from appointments.models.call_task import CallState, CallTask
from appointments.models.canned_reply import CannedReply
from appointments.models.closure import Closure, OpenHoliday
from appointments.models.counter import Counter
from appointments.models.day_note import DayNote
from appointments.models.doctor_question import DoctorQuestion
from appointments.models.email import Email, MailState
from appointments.models.erasure import Erasure
from appointments.models.inquiry import Inquiry
from appointments.models.inquiry_choices import InquiryKind, InquiryScreening, InquiryStatus, ScreeningReason
from appointments.models.log import Call, Note
from appointments.models.mail_text import MailText
from appointments.models.message import Message
from appointments.models.notification_kind import NotificationKind
from appointments.models.practitioner import Practitioner
from appointments.models.schedule import BusyBlock, PreparationSignOff, Schedule, VisitType, WorkingHours
from appointments.models.waiting_list_wish import WaitingListWish
from appointments.models.worker_heartbeat import WorkerHeartbeat

__all__ = [
    "AccessAction", "AccessLog", "AccessLogDay", "Appointment", "AppointmentStatus", "BroughtIn", "BusyBlock", "Call",
    "CallState",
    "CallTask", "CannedReply", "Closure", "Counter", "DayNote", "DoctorQuestion", "Email", "Erasure", "Inquiry",
    "InquiryKind", "InquiryScreening", "InquiryStatus", "MailState", "MailText", "Message", "Note", "NotificationKind",
    "OpenHoliday",
    "Practitioner",
    "PreparationSignOff", "Schedule", "ScreeningReason", "VisitType", "WaitingListWish", "WorkerHeartbeat",
    "WorkingHours",
]  # fmt: skip
