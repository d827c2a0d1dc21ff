"""What becomes of an appointment: confirmed, arrived, done, not come, cancelled, and back from a mistake."""

from datetime import datetime, timedelta

from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings.appointments import ABOUT_A_TIME, given_kind
from appointments.bookings.follow_up import after_booking, after_proposals_ended
from appointments.bookings.locking import (
    check_that_one_more_may_be_held,
    lock_everybody,
    lock_practitioners,
    locked_appointment,
    refused_by_the_database,
)
from appointments.errors import NotPossible, SlotTaken
from appointments.inquiries.changing import changing
from appointments.inquiries.lifecycle import reopen
from appointments.models import Appointment, AppointmentStatus, NotificationKind
from appointments.models.appointment_status import CancelledBy
from appointments.notifications.changes import tell_change, withheld_confirmation
from appointments.notifications.notify import cancel_notifications
from appointments.scheduling import calendars
from clinic.models import Clinic

# What staff may make of what. Back from a mistake, too, where the time can still be had.
TRANSITIONS: dict[AppointmentStatus, tuple[AppointmentStatus, ...]] = {
    AppointmentStatus.PROPOSED: (AppointmentStatus.CANCELLED,),
    AppointmentStatus.PENDING: (AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED),
    AppointmentStatus.BOOKED: (AppointmentStatus.ARRIVED, AppointmentStatus.CANCELLED, AppointmentStatus.NOSHOW),
    AppointmentStatus.ARRIVED: (AppointmentStatus.FULFILLED, AppointmentStatus.BOOKED),
    AppointmentStatus.FULFILLED: (AppointmentStatus.ARRIVED,),
    AppointmentStatus.NOSHOW: (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED),
    AppointmentStatus.CANCELLED: (AppointmentStatus.BOOKED, AppointmentStatus.PENDING),
}

# The statuses in which a time is given to somebody, whether or not it is confirmed yet.
GIVEN = (AppointmentStatus.PENDING, AppointmentStatus.BOOKED)


@refused_by_the_database
def change_status(
    *,
    appointment: Appointment,
    to: AppointmentStatus,
    by: Actor,
    version: int | None = None,
) -> Appointment:
    """
    Change the appointment's status. Raises NotPossible where TRANSITIONS does not allow it, or somebody "did not
    come" to what has not begun, or what was held until a moment is to be so again after it; TooManyHeld where so many
    are held meanwhile; SlotTaken where a cancelled time is somebody else's now, or nobody's.
    """
    now = timezone.now()
    if to == AppointmentStatus.PENDING:
        lock_everybody()  # It may be held until a moment again: those are counted.
    else:
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
        is_given = to in GIVEN and row.status in (AppointmentStatus.PENDING, AppointmentStatus.CANCELLED)
        held_until = row.before_cancelling()[1] if to == AppointmentStatus.PENDING else None
        if held_until and held_until <= now:
            raise NotPossible("it was to be held until then")
        if held_until:
            check_that_one_more_may_be_held(now)
        row.status = to
        row.sequence += 1
        if is_back:  # What took its time away was looked at above, or does not matter to one that is overbooked.
            row.displaced_at = row.reached_at = None
        if to in GIVEN:
            row.held_until = held_until
        if to in GIVEN and is_back:
            row.cancelled_late, row.time_set_at, row.patient_will_come_at = False, now, None
        row.save_new_version()
        cancel_notifications([row.pk], *ABOUT_A_TIME)
        if to not in GIVEN and row.inquiry.waiting_list_since:
            with changing(row.inquiry, None, by) as inquiry:
                inquiry.waiting_list_since = None  # They have come, or did not: there is nothing to come before.
        if to in GIVEN and row.starts_at > now and not row.displaced_at:
            kind = given_kind(row) if is_given else withheld_confirmation(row)
            told_by = tell_change(kind, row.inquiry, row, by) if kind else None
            # What is again as its patient knows it makes nothing new of the inquiry.
            if is_given and (told_by or kind is None or by.user is None):
                with changing(row.inquiry, None, by) as inquiry:
                    if is_back:
                        inquiry.waiting_list_since = None  # They asked for another time, and have theirs again.
                    if row.is_held_to_check:  # That it is held again is no check of the request.
                        inquiry.set_wish(row.slot)
                        after_booking(inquiry, row, Actor.system(has_seen=by.has_seen), now)
                    else:
                        after_booking(inquiry, row, by, now, told_by)
    return row


def undo(*, appointment: Appointment, by: Actor, version: int | None = None) -> Appointment:
    """Back from a mistake: what is cancelled is held or booked as it was; who arrived, or did not come, is expected."""
    to = AppointmentStatus.BOOKED
    if appointment.status == AppointmentStatus.CANCELLED:
        to, _until = appointment.before_cancelling()
    return change_status(appointment=appointment, to=to, by=by, version=version)


@refused_by_the_database
def cancel(
    *,
    appointment: Appointment,
    by: Actor,
    reason: CancelledBy = CancelledBy.PATIENT,
    version: int | None = None,
) -> Appointment:
    """
    Free the time. Never refused to a patient before it begins: a late one is marked late. Cancelled already: nothing
    happens.

    `by` is who does it, `reason` whose wish it is: a time that the clinic can't keep is never cancelled late. When the
    patient cancels on the site, the inquiry is the front desk's again.
    """
    now = timezone.now()
    lock_practitioners([appointment.practitioner_id])
    with locked_appointment(appointment, by, version) as row:
        if row.status == AppointmentStatus.CANCELLED:
            return row
        if AppointmentStatus.CANCELLED not in TRANSITIONS[AppointmentStatus(row.status)]:
            raise NotPossible(row.status)
        if by.user is None and row.starts_at <= now:
            raise NotPossible("it has begun")
        if row.held_until is not None:  # Offered, or held to be checked: nobody was told that it is theirs.
            row.end_early(now)
            with changing(row.inquiry, None, by) as inquiry:
                if by.user is None:
                    inquiry.set_wish(None)
                if not inquiry.appointments.proposed(now).exists():
                    after_proposals_ended(inquiry, now)
            return row
        row.cancelled_late = reason == CancelledBy.PATIENT and is_late_to_cancel(row, now)
        row.status = AppointmentStatus.CANCELLED
        row.sequence += 1
        row.save_new_version()
        cancel_notifications([row.pk], *ABOUT_A_TIME)
        with changing(row.inquiry, None, by) as inquiry:
            inquiry.waiting_list_since = None
            if by.user is None:
                reopen(inquiry, now)
        tell_change(NotificationKind.CANCELLED, inquiry, row, by)
    return row


def is_late_to_cancel(appointment: Appointment, now: datetime) -> bool:
    """Only what was promised can be cancelled late, and nobody is late for a time that we took away ourselves."""
    is_firm = appointment.status == AppointmentStatus.BOOKED and not appointment.displaced_at
    return is_firm and appointment.starts_at - now < timedelta(hours=Clinic.current().late_hours)
