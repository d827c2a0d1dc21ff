"""What visitors ask and get, and what the front desk did about it."""

from appointments.models.closure import Closure
from appointments.models.inquiry import Inquiry, Kind, Screening, ScreeningReason, Status
from appointments.models.log import Call, Note
from appointments.models.practitioner import Practitioner

__all__ = ["Call", "Closure", "Inquiry", "Kind", "Note", "Practitioner", "Screening", "ScreeningReason", "Status"]
