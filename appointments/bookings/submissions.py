"""What a visitor sends, maybe with a time that they chose: the request is safe before the time is tried."""

from dataclasses import dataclass

from django.utils import timezone

from appointments import limits
from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.bookings.follow_up import after_booking
from appointments.bookings.locking import check_that_one_more_may_be_held, lock_everybody, refused_by_the_database
from appointments.bookings.other_times import check_that_a_sender_may_have_one_more
from appointments.errors import (
    ChangedMeanwhile,
    HasAppointment,
    NotPossible,
    SlotTaken,
    TooManyReschedules,
    TooManyTimes,
)
from appointments.inquiries import lifecycle, promises
from appointments.inquiries.changing import changing
from appointments.models import (
    Appointment,
    AppointmentStatus,
    Inquiry,
    InquiryKind,
    InquiryScreening,
)
from appointments.slots import Slot
from clinic.busy import Busy


@dataclass(frozen=True)
class Submitted:
    """What became of a request: its stored inquiry, and its appointment or the error that says why it has none."""

    inquiry: Inquiry
    is_new: bool
    # Sent again so late that it may be by a stranger: nothing came of it.
    is_late: bool = False
    appointment: Appointment | None = None
    refusal: Exception | None = None


def submit_and_book(*, inquiry: Inquiry, slot: Slot | None, by: Actor, may_have_a_time: bool = True) -> Submitted:
    """
    Store what a visitor sent, then try to give it the `slot` that they chose, if they chose one.

    These are two transactions: whatever becomes of the time, the request is stored, and the time with it as a wish.
    Where somebody has to check the request by hand, the time is held for a while instead. A request that is sent
    again gets the time that the first one did not try; one that has had a time gets no second one. Without
    `may_have_a_time` the time stays a wish: too many were chosen from the same place.
    """
    now = timezone.now()
    if inquiry.kind != InquiryKind.APPOINTMENT:
        slot = None
    inquiry.set_wish(slot)
    stored, is_new = lifecycle.submit(inquiry=inquiry, by=by)
    if not is_new and now - stored.created_at > limits.SAME_VISITOR_FOR:
        return Submitted(stored, is_new, is_late=True)
    if slot is None:
        return Submitted(stored, is_new)
    if not may_have_a_time:
        return Submitted(stored, is_new, refusal=TooManyTimes())
    try:
        if stored.screening == InquiryScreening.BY_HAND:
            given = hold_to_check(inquiry=stored, slot=slot, by=by)
        elif not is_new and stored.appointments.given().exists():
            raise HasAppointment  # A cancelled time is not given back by a second tap on "Send".
        else:
            given = appointments.book(inquiry=stored, slot=slot, by=by)
    except (Busy, ChangedMeanwhile, HasAppointment, NotPossible, SlotTaken, TooManyReschedules) as refusal:
        return Submitted(stored, is_new, refusal=refusal)
    return Submitted(stored, is_new, appointment=given)


@appointments.busy_only_where_it_is_free
@refused_by_the_database
def hold_to_check(*, inquiry: Inquiry, slot: Slot, by: Actor) -> Appointment:
    """
    Hold the wished `slot` until the end of the next open day, for an inquiry that somebody has to check by hand.

    It frees itself then (see proposals.expire_due), and nobody is told by mail: a machine may have typed the address.
    Another slot takes the place of the one that was held before. Raises SlotTaken where it is not free; TooManyHeld
    where limits.HELD_TO_CHECK are held already; NotPossible where the inquiry is not to be checked.
    """
    now = timezone.now()
    lock_everybody()
    with changing(inquiry, None, by) as row:
        if row.screening != InquiryScreening.BY_HAND:
            raise NotPossible("not to be checked by hand")
        held = row.appointments.live().first()
        if held and held.slot == slot:
            return held  # Sent twice.
        if held:
            if not held.is_held_to_check:
                raise HasAppointment
            held.end_early(now)
        if not appointments.is_free_online(slot, now):
            raise SlotTaken
        check_that_one_more_may_be_held(now)
        check_that_a_sender_may_have_one_more(row, now)
        row.set_wish(slot)
        until = min(promises.next_answer_by(now), slot.starts_at)
        given = Appointment(inquiry=row, status=AppointmentStatus.PENDING, held_until=until, created_at=now)
        given.set_slot(slot, now)
        given.save()
        after_booking(row, given, by, now)
    return given
