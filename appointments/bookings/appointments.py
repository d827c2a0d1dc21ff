"""
Giving, moving and freeing times. Never one time twice: each takes the practitioner's lock, looks again inside it,
and the database refuses what slips through (locking.py).
"""

from datetime import datetime, timedelta

from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings.follow_up import after_booking
from appointments.bookings.locking import lock_practitioners, locked_appointment, refused_by_the_database
from appointments.errors import HasAppointment, NotPossible, SlotTaken, TooManyReschedules
from appointments.inquiries.changing import changing
from appointments.models import (
    Appointment,
    AppointmentStatus,
    Inquiry,
    InquiryScreening,
    InquiryStatus,
    NotificationKind,
    Schedule,
    VisitType,
)
from appointments.models.appointment import CancelledBy
from appointments.notifications.notify import (
    cancel_notifications,
    notify,
    notify_staff_of_waiting,
    withheld_confirmation,
)
from appointments.notifications.outdated import ABOUT_A_TIME_TO_COME
from appointments.scheduling import calendars
from appointments.slots import Slot
from clinic.models import Clinic

# The kinds of notification that speak of one time or one state, and are outdated once it changes.
ABOUT_A_TIME = (*ABOUT_A_TIME_TO_COME, NotificationKind.CANCELLED, NotificationKind.DISPLACED)


# What staff may make of what. Back from a mistake, too, where the time can still be had.
TRANSITIONS: dict[AppointmentStatus, tuple[AppointmentStatus, ...]] = {
    AppointmentStatus.PROPOSED: (AppointmentStatus.CANCELLED,),
    AppointmentStatus.PENDING: (AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED),
    AppointmentStatus.BOOKED: (AppointmentStatus.ARRIVED, AppointmentStatus.CANCELLED, AppointmentStatus.NOSHOW),
    AppointmentStatus.ARRIVED: (AppointmentStatus.FULFILLED, AppointmentStatus.BOOKED),
    AppointmentStatus.FULFILLED: (AppointmentStatus.ARRIVED,),
    AppointmentStatus.NOSHOW: (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED),
    AppointmentStatus.CANCELLED: (AppointmentStatus.BOOKED,),
}


@refused_by_the_database
def book(*, inquiry: Inquiry, slot: Slot, by: Actor, now: datetime | None = None) -> Appointment:
    """
    Give a patient the time that they chose: booked at once, or held until the front desk confirms it.

    Raises SlotTaken when the time is not, or no longer, among those that patients may choose; HasAppointment;
    TooManyReschedules where they cancelled so often; NotPossible for an inquiry that somebody has to look at first.
    """
    now = now or timezone.now()
    lock_practitioners([slot.practitioner_id])
    if inquiry.appointments.live().exists():
        raise HasAppointment  # Sent twice: this very time may be theirs.
    if not is_free_online(slot, now):
        raise SlotTaken
    if Inquiry.objects.get(pk=inquiry.pk).screening != InquiryScreening.PASSED:
        raise NotPossible("not in the inbox")
    # Cancelling and choosing again is moving, too.
    if inquiry.appointments.given().count() > Clinic.current().reschedules_allowed:
        raise TooManyReschedules
    return _give(inquiry, slot, _chosen(slot), by, now)


@refused_by_the_database
def give(*, inquiry: Inquiry, slot: Slot, by: Actor, reason: str = "", now: datetime | None = None) -> Appointment:
    """
    Staff give a time: any in which the practitioner can be seen, and any other with a `reason` to overbook it (who
    may overbook, the caller has asked).

    Raises SlotTaken for a time that is not free where there is no reason; HasAppointment;
    NotPossible for one that has begun.
    """
    now = now or timezone.now()
    if slot.starts_at <= now:
        raise NotPossible("it has begun")
    lock_practitioners([slot.practitioner_id])
    overbooked = _needs_overbooking(slot, reason, by)
    return _give(
        inquiry,
        slot,
        AppointmentStatus.BOOKED,
        by,
        now,
        overbooked=overbooked,
        overbook_reason=reason if overbooked else "",
    )


def is_free_online(slot: Slot, now: datetime, without: Appointment | None = None) -> bool:
    """Whether patients may choose this very time, beginning, length and all."""
    schedule = (
        Schedule.objects.online().filter(practitioner=slot.practitioner_id, visit_type=slot.visit_type_id).first()
    )
    if schedule is None:
        return False
    calendar = calendars.on(slot, without=without)
    day = calendar.day_of(slot.starts_at)
    return slot in calendar.slots(schedule.visit_type.rules, now=now, first=day, last=day)


def _needs_overbooking(slot: Slot, reason: str, by: Actor, without: Appointment | None = None) -> bool:
    visit_type = VisitType.objects.get(pk=slot.visit_type_id)
    if slot != Slot.starting_at(slot.starts_at, visit_type.rules, slot.practitioner_id):
        raise SlotTaken
    if calendars.on(slot, without=without).fits(slot):
        return False
    if not reason or by.user is None:
        raise SlotTaken
    return True


def _chosen(slot: Slot) -> AppointmentStatus:
    """What a time that a patient chose is at first."""
    booked_at_once = VisitType.objects.get(pk=slot.visit_type_id).booked_at_once
    return AppointmentStatus.BOOKED if booked_at_once else AppointmentStatus.PENDING


def _give(
    inquiry: Inquiry, slot: Slot, status: AppointmentStatus, by: Actor, now: datetime, **how: object
) -> Appointment:
    with changing(inquiry, None, by) as row:
        if row.appointments.live().exists():
            raise HasAppointment
        given = Appointment(inquiry=row, status=status, created_at=now, **how)
        given.set_slot(slot, now)
        given.save()
        row.waiting_list_since = None  # The wish was to come before another time than this one.
        after_booking(row, given, by, now)
        notify(_said(status), row, key=given.version_key, appointment=given)
    return given


def _said(status: AppointmentStatus, moved: bool = False) -> NotificationKind:
    if status == AppointmentStatus.PENDING:
        return NotificationKind.HELD
    return NotificationKind.MOVED if moved else NotificationKind.BOOKED


@refused_by_the_database
def reschedule(
    *,
    appointment: Appointment,
    slot: Slot,
    by: Actor,
    reason: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Appointment:
    """
    Give the appointment another time: one UPDATE of the same row, so that nobody has two times or none.

    Patients choose among free times, TooManyReschedules after the clinic's limit unless we took their time away; staff
    as in give(). There already: nothing happens. Raises SlotTaken; NotPossible for one that has begun, is over or
    cancelled; ChangedMeanwhile unless it has the `version` that was seen, as the other verbs here.
    """
    now = now or timezone.now()
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
            if not is_free_online(slot, now, without=row):
                raise SlotTaken
            if not row.may_be_moved(Clinic.current().reschedules_allowed, now):
                raise TooManyReschedules
            row.reschedules += row.displaced_at is None
            row.overbooked, row.overbook_reason = False, ""
            row.status = _chosen(slot)
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
        after_booking(inquiry, appointment, by, now)
    kind = _said(AppointmentStatus(appointment.status), moved=was_told)
    notify(kind, inquiry, key=appointment.version_key, appointment=appointment)


@refused_by_the_database
def change_status(
    *,
    appointment: Appointment,
    to: AppointmentStatus,
    by: Actor,
    version: int | None = None,
    now: datetime | None = None,
) -> Appointment:
    """
    Change the appointment's status. Raises NotPossible where TRANSITIONS does not allow it, or somebody "did not
    come" to what has not begun; SlotTaken where a cancelled time is somebody else's now, or nobody's.
    """
    now = now or timezone.now()
    lock_practitioners([appointment.practitioner_id])
    with locked_appointment(appointment, by, version) as row:
        # Cancelling frees the time and tells people: that is cancel()'s.
        if to == AppointmentStatus.CANCELLED or to not in TRANSITIONS[AppointmentStatus(row.status)]:
            raise NotPossible(f"{row.status} to {to}")
        if to == AppointmentStatus.NOSHOW and now < row.starts_at:
            raise NotPossible("it has not begun")
        if row.status == AppointmentStatus.PENDING and row.displaced_at:
            raise NotPossible("its time was taken away")
        is_back = row.status not in AppointmentStatus.holding_time()
        if is_back and not row.overbooked and row.ends_at > now and not calendars.on(row.slot).fits(row.slot):
            raise SlotTaken
        is_given = to == AppointmentStatus.BOOKED and row.status in (
            AppointmentStatus.PENDING,
            AppointmentStatus.CANCELLED,
        )
        row.status = to
        row.sequence += 1
        if is_back:  # What took its time away was looked at above, or does not matter to one that is overbooked.
            row.displaced_at = row.reached_at = None
        if to == AppointmentStatus.BOOKED:
            row.held_until = None
        if to == AppointmentStatus.BOOKED and is_back:
            row.cancelled_late, row.time_set_at = False, now
        row.save_new_version()
        cancel_notifications([row.pk], *ABOUT_A_TIME)
        if to == AppointmentStatus.BOOKED and row.starts_at > now and not row.displaced_at:
            if is_given:
                with changing(row.inquiry, None, by) as inquiry:
                    after_booking(inquiry, row, by, now)
            if kind := NotificationKind.BOOKED if is_given else withheld_confirmation(row):
                notify(kind, row.inquiry, key=row.version_key, appointment=row)
    return row


@refused_by_the_database
def cancel(
    *,
    appointment: Appointment,
    by: Actor,
    reason: CancelledBy = CancelledBy.PATIENT,
    version: int | None = None,
    now: datetime | None = None,
) -> Appointment:
    """
    Free the time. Never refused to a patient before it begins: a late one is marked late. Cancelled already: nothing
    happens.

    `by` is who does it, `reason` whose wish it is: a time that the clinic can't keep is never cancelled late. When the
    patient cancels on the site, the inquiry is the front desk's again.
    """
    now = now or timezone.now()
    lock_practitioners([appointment.practitioner_id])
    with locked_appointment(appointment, by, version) as row:
        if row.status == AppointmentStatus.CANCELLED:
            return row
        if AppointmentStatus.CANCELLED not in TRANSITIONS[AppointmentStatus(row.status)]:
            raise NotPossible(row.status)
        if by.user is None and row.starts_at <= now:
            raise NotPossible("it has begun")
        if row.held_until is not None:  # Offered, or held to be checked: nobody was told that it is theirs.
            row.status = AppointmentStatus.CANCELLED
            row.save_new_version()
            if by.user is None:
                with changing(row.inquiry, None, by) as inquiry:
                    inquiry.set_wish(None)
            return row
        row.cancelled_late = reason == CancelledBy.PATIENT and is_late_to_cancel(row, now)
        row.status = AppointmentStatus.CANCELLED
        row.sequence += 1
        row.save_new_version()
        cancel_notifications([row.pk], *ABOUT_A_TIME)
        with changing(row.inquiry, None, by) as inquiry:
            inquiry.waiting_list_since = None
            if by.user is None:
                inquiry.status = InquiryStatus.OPEN
                notify_staff_of_waiting(now)
        notify(NotificationKind.CANCELLED, inquiry, key=row.version_key, appointment=row)
    return row


def is_late_to_cancel(appointment: Appointment, now: datetime) -> bool:
    """Only what was promised can be cancelled late, and nobody is late for a time that we took away ourselves."""
    is_firm = appointment.status == AppointmentStatus.BOOKED and not appointment.displaced_at
    return is_firm and appointment.starts_at - now < timedelta(hours=Clinic.current().late_hours)
