"""What visitors ask and get, and what the front desk did about it."""

from appointments.models.closure import Closure
from appointments.models.email import CallTask, Email, MailKind, MailState, MailText, WorkerSign
from appointments.models.erasure import Erasure
from appointments.models.inquiry import Inquiry, Kind, Screening, ScreeningReason, Status
from appointments.models.log import Call, Note
from appointments.models.message import Message
from appointments.models.practitioner import Practitioner

__all__ = [
    "Call", "CallTask", "Closure", "Email", "Erasure", "Inquiry", "Kind", "MailKind", "MailState", "MailText",
    "Message", "Note", "Practitioner", "Screening", "ScreeningReason", "Status", "WorkerSign",
]  # fmt: skip
