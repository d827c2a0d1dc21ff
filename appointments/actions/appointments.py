"""
Giving, moving and freeing times. Never one time twice: each takes the practitioner's lock, looks again inside it,
and the database refuses what slips through.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import wraps

import pghistory
from django.db import OperationalError, connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone
from psycopg.errors import DeadlockDetected, ExclusionViolation, UniqueViolation

from appointments import calendars, messages
from appointments.actions.inquiries import NotPossible, changing
from appointments.actors import Actor
from appointments.availability import Slot
from appointments.models import Appointment, AppointmentStatus, Inquiry, MailKind, Offer, Practitioner, Status
from clinic.models import Clinic


class SlotTaken(Exception):
    """The time is no longer free."""


class HasAppointment(Exception):
    """The inquiry has a time already: it is moved, not given a second one."""


P, B, A = AppointmentStatus.PENDING, AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED
# What may follow what. Back from a mistake, too, where the time can still be had.
STEPS: dict[AppointmentStatus, tuple[AppointmentStatus, ...]] = {
    AppointmentStatus.PROPOSED: (P, B, AppointmentStatus.CANCELLED),
    P: (B, AppointmentStatus.CANCELLED),
    B: (A, AppointmentStatus.CANCELLED, AppointmentStatus.NOSHOW),
    A: (AppointmentStatus.FULFILLED, B),
    AppointmentStatus.FULFILLED: (A,),
    AppointmentStatus.NOSHOW: (B, A),
    AppointmentStatus.CANCELLED: (B,),
}


def _refused_by_the_database[**Args, Result](act: Callable[Args, Result]) -> Callable[Args, Result]:
    """Run all of it in one transaction, once more after a deadlock, and say in our words why the database refused."""

    @wraps(act)
    def run(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        for is_last in (False, True):
            try:
                with transaction.atomic():
                    return act(*args, **kwargs)
            except IntegrityError as error:
                if isinstance(error.__cause__, ExclusionViolation):
                    raise SlotTaken from error
                if isinstance(error.__cause__, UniqueViolation):
                    raise HasAppointment from error
                raise
            except OperationalError as error:
                # Inside somebody else's transaction there is nothing left to try again.
                if is_last or connection.in_atomic_block or not isinstance(error.__cause__, DeadlockDetected):
                    raise
        raise AssertionError("unreachable")

    return run


@_refused_by_the_database
def book(*, inquiry: Inquiry, slot: Slot, by: Actor, now: datetime | None = None) -> Appointment:
    """
    Give a patient the time that they chose: booked at once, or held until the front desk confirms it.

    Raises SlotTaken when the time is not, or no longer, among those that patients may choose; HasAppointment.
    """
    now = now or timezone.now()
    practitioner = _locked(slot.practitioner_id)
    offer = Offer.objects.select_related("visit_type").filter(
        practitioner=practitioner, visit_type=slot.visit_type_id, is_online=True,
        visit_type__is_active=True, visit_type__patients_may_choose=True,
    ).first()  # fmt: skip
    if offer is None or not practitioner.is_active or slot not in _free(offer, slot, now):
        raise SlotTaken
    status = AppointmentStatus.BOOKED if offer.visit_type.booked_at_once else AppointmentStatus.PENDING
    return _give(inquiry, slot, status, by, now)


def _free(offer: Offer, slot: Slot, now: datetime, without: Appointment | None = None) -> list[Slot]:
    """The free times on the slot's day, as patients may choose them."""
    zone = Clinic.current().zone
    day = slot.starts_at.astimezone(zone).date()
    calendar = calendars.between([offer.practitioner_id], day, day, zone=zone, without=without)[offer.practitioner_id]
    return list(calendar.slots(offer.visit_type.visit(), now=now, first=day, last=day))


def _give(inquiry: Inquiry, slot: Slot, status: AppointmentStatus, by: Actor, now: datetime) -> Appointment:
    with changing(inquiry, None, by) as row:
        if row.appointments.live().exists():
            raise HasAppointment
        given = Appointment.objects.create(
            inquiry=row,
            practitioner_id=slot.practitioner_id,
            visit_type_id=slot.visit_type_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            blocked_until=slot.blocked_until,
            status=status,
        )
        if status == AppointmentStatus.PENDING:
            messages.tell_staff_that_something_waits(now)
        kind = MailKind.BOOKED if status == AppointmentStatus.BOOKED else MailKind.HELD
        messages.tell(kind, row, key=_key(given), appointment=given)
    return given


@_refused_by_the_database
def move(*, appointment: Appointment, slot: Slot, by: Actor, now: datetime | None = None) -> Appointment:
    """
    Give the appointment another free time: one UPDATE of the same row, so that nobody has two times or none.

    Raises SlotTaken; NotPossible for one that is over or cancelled.
    """
    now = now or timezone.now()
    # In the order of their ids, so that two people who swap do not wait for each other for ever.
    for pk in sorted({appointment.practitioner_id, slot.practitioner_id}):
        _locked(pk)
    with _row(appointment, by) as row:
        if row.status not in (P, B):
            raise NotPossible(row.status)
        offer = Offer.objects.select_related("visit_type").filter(
            practitioner=slot.practitioner_id, visit_type=slot.visit_type_id, is_online=True
        ).first()  # fmt: skip
        if offer is None or slot not in _free(offer, slot, now, without=row):
            raise SlotTaken
        row.practitioner_id, row.visit_type_id = slot.practitioner_id, slot.visit_type_id
        row.starts_at, row.ends_at, row.blocked_until = slot.starts_at, slot.ends_at, slot.blocked_until
        row.moves += 1
        row.sequence += 1
        _save(row)
        messages.tell(MailKind.MOVED, row.inquiry, key=_key(row), appointment=row)
    return row


@_refused_by_the_database
def step(*, appointment: Appointment, to: AppointmentStatus, by: Actor, now: datetime | None = None) -> Appointment:
    """
    Change the appointment's state. Raises NotPossible where STEPS does not allow it, or somebody "did not come" to
    what has not begun; SlotTaken where a cancelled time is somebody else's now.
    """
    now = now or timezone.now()
    _locked(appointment.practitioner_id)
    with _row(appointment, by) as row:
        # Cancelling frees the time and tells people: that is cancel()'s.
        if to == AppointmentStatus.CANCELLED or to not in STEPS[AppointmentStatus(row.status)]:
            raise NotPossible(f"{row.status} to {to}")
        if to == AppointmentStatus.NOSHOW and now < row.starts_at:
            raise NotPossible("it has not begun")
        row.status = to
        row.sequence += 1
        _save(row)
        if to == AppointmentStatus.BOOKED:
            messages.tell(MailKind.BOOKED, row.inquiry, key=_key(row), appointment=row)
    return row


@_refused_by_the_database
def cancel(
    *, appointment: Appointment, by: Actor, late_within: timedelta = timedelta(hours=24), now: datetime | None = None
) -> Appointment:
    """
    Free the time. Never refused to a patient: a late one is marked late. Cancelled already: nothing happens.

    When the patient cancels, the inquiry is the front desk's again.
    """
    now = now or timezone.now()
    _locked(appointment.practitioner_id)
    with _row(appointment, by) as row:
        if row.status == AppointmentStatus.CANCELLED:
            return row
        if AppointmentStatus.CANCELLED not in STEPS[AppointmentStatus(row.status)]:
            raise NotPossible(row.status)
        row.status = AppointmentStatus.CANCELLED
        row.cancelled_late = row.starts_at - now < late_within
        row.sequence += 1
        _save(row)
        if by.user is None:
            with changing(row.inquiry, None, by) as inquiry:
                inquiry.status = Status.OPEN
            messages.tell_staff_that_something_waits(now)
        messages.tell(MailKind.CANCELLED, row.inquiry, key=_key(row), appointment=row)
    return row


def _locked(practitioner: int) -> Practitioner:
    """The practitioner's row, locked; offers to their patients that have expired free their times."""
    try:
        row = Practitioner.objects.select_for_update(no_key=True).get(pk=practitioner)
    except Practitioner.DoesNotExist as error:
        raise SlotTaken from error
    row.appointments.expired(timezone.now()).update(status=AppointmentStatus.CANCELLED)
    return row


@contextmanager
def _row(appointment: Appointment, by: Actor) -> Iterator[Appointment]:
    """The appointment's row, locked, with the actor in its history; the practitioner's lock is taken already."""
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("inquiry")
    with pghistory.context(**by.metadata):
        yield rows.get(pk=appointment.pk)


def _save(row: Appointment) -> None:
    row.version += 1
    row.save()


def _key(appointment: Appointment) -> str:
    """What is told once for each state and time of an appointment."""
    return f"{appointment.pk}:{appointment.sequence}"
