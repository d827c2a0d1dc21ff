"""What a visitor sends, maybe with a time that they chose: the request is safe before the time is tried."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.errors import HasAppointment, NotPossible, SlotTaken, TooManyReschedules
from appointments.inquiries import lifecycle
from appointments.models import Appointment, Inquiry, InquiryKind
from appointments.slots import Slot


@dataclass(frozen=True)
class Submitted:
    """What became of a request: its stored inquiry, and the time that it got or the error that says why it got none."""

    inquiry: Inquiry
    is_new: bool
    appointment: Appointment | None = None
    refusal: Exception | None = None


def submit_and_book(*, inquiry: Inquiry, slot: Slot | None, by: Actor, now: datetime | None = None) -> Submitted:
    """
    Store what a visitor sent, then try to give it the `slot` that they chose, if they chose one.

    These are two transactions: whatever becomes of the time, the request is stored. A request that is sent again
    gets the time that the first one did not try; one that has had a time gets no second one.
    """
    now = now or timezone.now()
    stored, is_new = lifecycle.submit(inquiry=inquiry, by=by, now=now)
    if slot is None or stored.kind != InquiryKind.APPOINTMENT:
        return Submitted(stored, is_new)
    try:
        if not is_new and stored.appointments.given().exists():
            raise HasAppointment  # A cancelled time is not given back by a second tap on "Send".
        given = appointments.book(inquiry=stored, slot=slot, by=by, now=now)
    except (HasAppointment, NotPossible, SlotTaken, TooManyReschedules) as refusal:
        return Submitted(stored, is_new, refusal=refusal)
    return Submitted(stored, is_new, appointment=given)
