"""The next visit, some weeks after one that they have or had: New caller begins with the person, posted, not typed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from appointments.admin.base import ENTER_CALLERS
from appointments.admin.desk.caller_form import FIND
from appointments.models import Appointment, AppointmentStatus, Inquiry
from appointments.models.inquiry_choices import InquirySource

LATER = timedelta(weeks=6)
# Of these something follows; who comes to the counter after it has just been here.
_KEPT = (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED)


def fields(inquiry: Inquiry, visit: Appointment | None, user: Any, now: datetime) -> dict[str, Any]:
    """What the press posts to New caller, by the names of its fields; nothing where there is no visit to follow."""
    if visit is None or visit.status not in _KEPT or inquiry.erased_at or not user.has_perms(ENTER_CALLERS):
        return {}
    today = timezone.localdate(now)
    is_here = visit.status != AppointmentStatus.BOOKED and timezone.localdate(visit.starts_at) == today
    return {
        "do": FIND,
        "idempotency_key": uuid4(),
        "source": InquirySource.WALK_IN if is_here else InquirySource.PHONE,
        "person": inquiry.pk,
        "name": inquiry.name,
        "patient_name": inquiry.patient_name,
        "phone": inquiry.phone,
        "email": inquiry.email,
        "visit": visit.visit_type_id,
        "with": visit.practitioner_id,
        "day": max(timezone.localdate(visit.starts_at) + LATER, today).isoformat(),
    }
