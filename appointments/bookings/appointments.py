"""
Giving and moving times. Never one time twice: each verb takes the practitioner's lock, looks again inside it, and the
database refuses what slips through (locking.py).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings.follow_up import after_booking
from appointments.bookings.locking import (
    lock_for,
    lock_practitioners,
    locked_appointment,
    refused_by_the_database,
)
from appointments.bookings.other_times import check_that_a_sender_may_have_one_more
from appointments.errors import HasAppointment, NotPossible, SlotTaken, TooManyReschedules
from appointments.inquiries.changing import changing
from appointments.models import (
    Appointment,
    AppointmentStatus,
    Inquiry,
    InquiryScreening,
    Message,
    NotificationKind,
    Schedule,
    VisitType,
)
from appointments.notifications.changes import tell_change
from appointments.notifications.notify import cancel_notifications
from appointments.notifications.outdated import ABOUT_A_TIME_TO_COME
from appointments.scheduling import calendars
from appointments.slots import Slot
from clinic.busy import Busy
from clinic.models import Clinic

# The kinds of notification that speak of one time or one state, and are outdated once it changes.
ABOUT_A_TIME = (*ABOUT_A_TIME_TO_COME, NotificationKind.CANCELLED, NotificationKind.DISPLACED)
# Who stands at the counter is given "now", and a moment passes until that is pressed.
BEGUN_AT_MOST = timedelta(minutes=15)


def busy_only_where_it_is_free[Result](act: Callable[..., Result]) -> Callable[..., Result]:
    """
    Tell a patient whose wait for the lock was in vain that the `slot` is taken, where it is: SlotTaken, not Busy.

    Of many who want one time, most wait for the one who got it.
    """

    @wraps(act)
    def run(**what: Any) -> Result:
        try:
            return act(**what)
        except Busy:
            if what["by"].user is None and not is_free_online(what["slot"], timezone.now(), what.get("appointment")):
                raise SlotTaken from None
            raise

    return run


@busy_only_where_it_is_free
@refused_by_the_database
def book(*, inquiry: Inquiry, slot: Slot, by: Actor) -> Appointment:
    """
    Give a patient the time that they chose: booked at once, or held until the front desk confirms it.

    Raises SlotTaken when the time is not, or no longer, among those that patients may choose; HasAppointment;
    TooManyReschedules where they cancelled so often; TooManyTimes where they have so many; NotPossible for an inquiry
    that somebody has to look at first.
    """
    now = timezone.now()
    lock_for(inquiry, [slot.practitioner_id])
    with changing(inquiry, None, by, rows=_with_times(), savepoint=False) as row:
        if row.has_time:
            raise HasAppointment  # Sent twice: this very time may be theirs.
        if not (schedule := _online(slot, now)):
            raise SlotTaken
        if row.screening != InquiryScreening.PASSED:
            raise NotPossible("not in the inbox")
        # Cancelling and choosing again is moving, too.
        if row.has_had_times is not False and row.appointments.given().count() > Clinic.current().reschedules_allowed:
            raise TooManyReschedules
        check_that_a_sender_may_have_one_more(row, now)
        return _give(row, slot, _chosen(schedule.visit_type), by, now)


@refused_by_the_database
def give(*, inquiry: Inquiry, slot: Slot, by: Actor, reason: str = "", is_here: bool = False) -> Appointment:
    """
    Staff give a time: any in which the practitioner can be seen, and any other with a `reason` to overbook it (who
    may overbook, the caller has asked).

    Raises SlotTaken for a time that is not free where there is no reason; HasAppointment;
    NotPossible for one that has begun: for a patient who `is_here`, more than BEGUN_AT_MOST ago.
    """
    now = timezone.now()
    if slot.starts_at <= now - (BEGUN_AT_MOST if is_here else timedelta(0)):
        raise NotPossible("it has begun")
    lock_for(inquiry, [slot.practitioner_id])
    overbooked = _needs_overbooking(slot, reason, by)
    how = {"overbooked": overbooked, "overbook_reason": reason if overbooked else ""}
    with changing(inquiry, None, by, rows=_with_times(), savepoint=False) as row:
        if row.has_time:
            raise HasAppointment
        return _give(row, slot, AppointmentStatus.BOOKED, by, now, **how)


def _with_times() -> QuerySet[Inquiry]:
    """Inquiries with what a booking wants to know of them: see Inquiry.has_time."""
    inquiries: Any = Inquiry.objects
    times = Appointment.objects.filter(inquiry=OuterRef("pk"))
    written = Message.objects.filter(inquiry=OuterRef("pk"), from_patient=True)
    return inquiries.annotate(
        has_time=Exists(times.live()), has_had_times=Exists(times), has_written_more=Exists(written)
    )


def is_free_online(slot: Slot, now: datetime, without: Appointment | None = None) -> bool:
    """Whether patients may choose this very time, beginning, length and all."""
    return _online(slot, now, without) is not None


def _online(slot: Slot, now: datetime, without: Appointment | None = None) -> Schedule | None:
    """The schedule by which patients may choose this very time; None where they may not."""
    of_slot = {"practitioner": slot.practitioner_id, "visit_type": slot.visit_type_id}
    schedule = Schedule.objects.online().filter(**of_slot).first()
    if schedule is None:
        return None
    calendar = calendars.on(slot, without=without)
    day = calendar.day_of(slot.starts_at)
    return schedule if slot in calendar.slots(schedule.visit_type.rules, now=now, first=day, last=day) else None


def _needs_overbooking(slot: Slot, reason: str, by: Actor, without: Appointment | None = None) -> bool:
    visit_type = VisitType.objects.get(pk=slot.visit_type_id)
    if slot != Slot.starting_at(slot.starts_at, visit_type.rules, slot.practitioner_id):
        raise SlotTaken
    if calendars.on(slot, without=without).fits(slot):
        return False
    if not reason or by.user is None:
        raise SlotTaken
    return True


def _chosen(visit_type: VisitType) -> AppointmentStatus:
    """What a time that a patient chose is at first."""
    return AppointmentStatus.BOOKED if visit_type.booked_at_once else AppointmentStatus.PENDING


def _give(
    inquiry: Inquiry, slot: Slot, status: AppointmentStatus, by: Actor, now: datetime, **how: object
) -> Appointment:
    """Write the time of an inquiry that is being changed, and tell its people."""
    given = Appointment(inquiry=inquiry, status=status, created_at=now, **how)
    given.set_slot(slot, now)
    given.save()
    inquiry.waiting_list_since = None  # The wish was to come before another time than this one.
    kind = given_kind(given)
    told_by = tell_change(kind, inquiry, given, by) if kind else None
    after_booking(inquiry, given, by, now, told_by)
    return given


def given_kind(given: Appointment, *, moved: bool = False) -> NotificationKind | None:
    """
    What is told of a time that was given, or `moved` after its patient knew of another one.

    Nothing where it is held while somebody checks the request.
    """
    if given.is_held_to_check:
        return None  # A machine may have typed the address.
    if given.status == AppointmentStatus.PENDING:
        return NotificationKind.HELD_MOVED if moved else NotificationKind.HELD
    return NotificationKind.MOVED if moved else NotificationKind.BOOKED


@busy_only_where_it_is_free
@refused_by_the_database
def reschedule(
    *,
    appointment: Appointment,
    slot: Slot,
    by: Actor,
    reason: str = "",
    version: int | None = None,
) -> Appointment:
    """
    Give the appointment another time: one UPDATE of the same row, so that nobody has two times or none.

    Patients choose among free times, TooManyReschedules after the clinic's limit unless we took their time away; staff
    as in give(). There already: nothing happens. Raises SlotTaken; NotPossible for one that has begun, is over or
    cancelled; ChangedMeanwhile unless it has the `version` that was seen, as the other verbs here.
    """
    now = timezone.now()
    lock_practitioners([appointment.practitioner_id, slot.practitioner_id])
    with locked_appointment(appointment, by, version) as row:
        if (
            row.status not in (AppointmentStatus.PENDING, AppointmentStatus.BOOKED)
            or (by.user is None and row.starts_at <= now)
            or slot.starts_at <= now
        ):
            raise NotPossible(row.status)
        if by.user is None and row.inquiry.screening != InquiryScreening.PASSED:
            raise NotPossible("not in the inbox")
        if _is_there(row, slot) and not reason and (by.user is None or row.status == AppointmentStatus.BOOKED):
            return row  # A second tap.
        if by.user is None:
            if not (schedule := _online(slot, now, without=row)):
                raise SlotTaken
            if not row.may_be_moved(Clinic.current().reschedules_allowed, now):
                raise TooManyReschedules
            row.reschedules += row.displaced_at is None
            row.overbooked, row.overbook_reason = False, ""
            row.status = _chosen(schedule.visit_type)
        else:
            row.overbooked = _needs_overbooking(slot, reason, by, without=row)
            row.overbook_reason = reason if row.overbooked else ""
            row.status = AppointmentStatus.BOOKED
        reschedule_to(row, slot, by, now)
    return row


def _is_there(appointment: Appointment, slot: Slot) -> bool:
    return appointment.slot == slot and not appointment.displaced_at and not appointment.overbooked


def reschedule_to(appointment: Appointment, slot: Slot, by: Actor, now: datetime) -> None:
    """Put a locked appointment at another time, and tell its patient; what was only held is theirs then."""
    was_told, is_earlier = appointment.held_until is None, slot.starts_at < appointment.starts_at
    appointment.held_until = None
    appointment.set_slot(slot, now)
    appointment.sequence += 1
    appointment.save_new_version()
    cancel_notifications([appointment.pk], *ABOUT_A_TIME)
    with changing(appointment.inquiry, None, by) as inquiry:
        if is_earlier:
            inquiry.waiting_list_since = None  # That is what they waited for; at a later time they still do.
        kind = given_kind(appointment, moved=was_told)
        told_by = tell_change(kind, inquiry, appointment, by) if kind else None
        if kind and told_by is None and by.user is not None:
            return  # It is back where its patient knows it to be: nothing has become of the inquiry.
        after_booking(inquiry, appointment, by, now, told_by)
