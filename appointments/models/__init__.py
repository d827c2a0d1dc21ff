"""What visitors ask and get, when they can be seen, and what the front desk did about it."""

from appointments.models.appointment import Appointment, AppointmentStatus
from appointments.models.closure import Closure
from appointments.models.email import CallState, CallTask, Email, MailState, MailText, NotificationKind, WorkerHeartbeat
from appointments.models.erasure import Erasure
from appointments.models.inquiry import Inquiry, InquiryKind, InquiryScreening, InquiryStatus, ScreeningReason
from appointments.models.log import Call, Note
from appointments.models.message import Message
from appointments.models.practitioner import Practitioner
from appointments.models.schedule import BusyBlock, PreparationSignOff, Schedule, VisitType, WorkingHours

__all__ = [
    "Appointment", "AppointmentStatus", "BusyBlock", "Call", "CallState", "CallTask", "Closure", "Email",
    "Erasure", "Inquiry", "InquiryKind", "InquiryScreening", "InquiryStatus", "MailState", "MailText", "Message",
    "Note", "NotificationKind", "Practitioner", "PreparationSignOff", "Schedule", "ScreeningReason", "VisitType",
    "WorkerHeartbeat", "WorkingHours",
]  # fmt: skip
