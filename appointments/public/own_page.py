"""What an inquiry's own page says."""

from datetime import datetime
from enum import StrEnum

from appointments.models import Inquiry, InquiryStatus


class NextStep(StrEnum):
    """What the patient's own page says happens next."""

    CLOSED = "closed"
    LATE = "late"
    YOUR_TURN = "your turn"
    IN_TOUCH = "in touch"
    PROMISED = "promised"


def next_step(inquiry: Inquiry, now: datetime) -> NextStep:
    if inquiry.status == InquiryStatus.CLOSED:
        return NextStep.CLOSED
    if inquiry.is_late(now):
        return NextStep.LATE
    if inquiry.status == InquiryStatus.WAITING_FOR_PATIENT:
        return NextStep.YOUR_TURN
    return NextStep.IN_TOUCH if inquiry.answered_at else NextStep.PROMISED
