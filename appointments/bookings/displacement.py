"""Closures and changed hours, and the patients whose times they take away."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

import pghistory
from django.db.models import F
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.bookings.follow_up import (
    after_proposals_ended,
    cancel_proposal_notices,
    notify_of_withdrawal,
)
from appointments.bookings.locking import (
    lock_practitioners,
    locked_appointment,
    once_more_after_a_deadlock,
    refused_by_the_database,
)
from appointments.errors import HasAppointment, NotPossible, SlotTaken
from appointments.inquiries.changing import changing
from appointments.models import (
    Appointment,
    AppointmentStatus,
    CallTask,
    Closure,
    Email,
    Inquiry,
    NotificationKind,
    Practitioner,
)
from appointments.models.appointment_queryset import AppointmentQuerySet
from appointments.notifications.changes import withheld_confirmation
from appointments.notifications.notify import (
    cancel_notifications,
    complete_displacement_notice,
    is_soon,
    notify,
    was_notified_of_displacement,
)
from appointments.notifications.outdated import ABOUT_A_TIME_TO_COME
from appointments.scheduling import calendars
from appointments.scheduling.holidays import Holiday, whole_day
from appointments.slots import Slot
from clinic.models import Clinic

# Why a time does not fit. Who was overbooked outside the hours is displaced by a closure all the same.
HOURS, CLOSED = "hours", "closed"
Misfits = dict[int, set[str]]


@contextmanager
def changing_hours(practitioners: Iterable[int] | None = None, *, by: Actor) -> Iterator[list[Appointment]]:
    """
    Whatever the block changes of these practitioners' hours, closures and busy blocks (everybody's, by default)
    displaces the patients whose times no longer fit, and no longer displaces those whose times fit again.

    What the list holds after the block are the appointments that this very change displaced, soonest first, and then
    those that were only offered or held for a while, as they were: they end (see is_held_for_a_while). Nobody
    books meanwhile: the practitioners' locks are held until the end of the caller's transaction.
    """
    if practitioners is None:
        practitioners = Practitioner.objects.values_list("pk", flat=True)
    now, ids = timezone.now(), list(lock_practitioners(practitioners))
    before = misfits(ids, now)
    affected: list[Appointment] = []
    with pghistory.context(**by.metadata):
        yield affected
        _mark(before, misfits(ids, now), now, affected, by)


def _mark(before: Misfits, after: Misfits, now: datetime, affected: list[Appointment], by: Actor) -> None:
    """
    Displace appointments that no longer fit for a new reason, and give back the times of those that fit again.

    An appointment that is displaced already stays as it is: its patient was told, or reached, all the same.
    """
    unfit = Appointment.objects.filter(pk__in=[pk for pk, why in after.items() if why - before.get(pk, set())])
    lost = Appointment.objects.filter(pk__in=list(unfit.filter(displaced_at=None).values_list("pk", flat=True)))
    held = lost.filter(status__in=AppointmentStatus.held_for_a_while(), held_until__isnull=False)
    # As they were: what they are afterwards says nothing to those who decide whether to do it.
    ended = list(held.select_related("inquiry", "practitioner", "visit_type").order_by("starts_at", "pk"))
    _withdraw(held, ended, now, by)
    lost.holding_time().update(displaced_at=now, version=F("version") + 1)
    # Mails and calls that wait tell of a time that is gone. Where it is given back, _give_back tells of it again.
    cancel_notifications(lost.values_list("pk", flat=True), *ABOUT_A_TIME_TO_COME)
    back = Appointment.objects.filter(pk__in=[pk for pk, why in before.items() if why - after.get(pk, set())])
    for appointment in back.exclude(displaced_at=None).select_related("inquiry", "practitioner"):
        if _is_back(appointment, after.get(appointment.pk, set())):
            _give_back(appointment, by)
    live = list(lost.live().select_related("inquiry", "practitioner", "visit_type").order_by("starts_at", "pk"))
    for appointment in live:
        if is_soon(appointment.starts_at):
            _notify_of_displacement(appointment, appointment.inquiry, by)
    affected += [*live, *ended]


def _withdraw(lost: AppointmentQuerySet, ended: Sequence[Appointment], now: datetime, by: Actor) -> None:
    """
    Cancel these lost proposals, and tell the patients who knew of them; `ended` are the same, as they were.

    An inquiry without an open proposal is the front desk's again.
    """
    # In the order of their ids: every verb that locks several inquiries does so.
    for inquiry in Inquiry.objects.filter(appointments__in=lost, erased_at=None).distinct().order_by("pk"):
        with suppress(NotPossible), changing(inquiry, None, Actor.system()) as row:
            lost.filter(inquiry=row).end_early(now)
            if not row.appointments.proposed(now).exists():
                cancel_proposal_notices(row)
                after_proposals_ended(row, now)
            its = [each for each in ended if each.inquiry_id == row.pk]
            notify_of_withdrawal(row, its, by)
    lost.end_early(now)  # Of those who are erased, or were at this moment.


def _is_back(appointment: Appointment, why_not: set[str]) -> bool:
    """Whether the time fits again, apart from what it was overbooked against."""
    return not why_not or (appointment.overbooked and why_not == {HOURS})


def _give_back(appointment: Appointment, by: Actor) -> None:
    """Give the time back; tell the patient who heard that it is gone, or who never heard of the time at all."""
    # First what waits is cancelled: that waits for a mail which is being sent, and then it was sent.
    cancel_notifications([appointment.pk], NotificationKind.DISPLACED)
    knows = appointment.reached_at or was_notified_of_displacement(appointment)
    appointment.displaced_at = appointment.reached_at = None
    appointment.sequence += bool(knows)
    appointment.save_new_version()
    kind: NotificationKind | None = None
    if knows and appointment.is_live:
        kind = NotificationKind.HELD if appointment.status == AppointmentStatus.PENDING else NotificationKind.BOOKED
    elif appointment.is_to_come(timezone.now()):
        kind = withheld_confirmation(appointment)
    if kind:
        notify(
            kind,
            appointment.inquiry,
            key=appointment.version_key,
            appointment=appointment,
            by=by,
            by_phone=is_soon(appointment.starts_at),
        )


def misfits(practitioners: list[int], now: datetime) -> Misfits:
    """Appointments to come (by id) that lie outside the hours, or in what is closed or taken elsewhere."""
    # Those that are done, too: somebody may have ticked one off by mistake, and take it back.
    held = Appointment.objects.holding_time().filter(practitioner__in=practitioners, ends_at__gt=now)
    rows = list(held.order_by("starts_at"))
    if not rows:
        return {}
    zone = Clinic.current().zone
    first, last = (moment.astimezone(zone).date() for moment in (rows[0].starts_at, rows[-1].starts_at))
    by_id = calendars.between(practitioners, first, last, zone=zone, appointments=False)
    found: Misfits = {}
    for row in rows:
        calendar = by_id[row.practitioner_id]
        # The pause after a visit does not count: a closure at noon displaces nobody who is done at noon.
        is_open = calendar.is_free(row.starts_at, row.ends_at)
        why = {*([] if calendar.is_at_work(row.starts_at, row.ends_at) else [HOURS]), *([] if is_open else [CLOSED])}
        if why:
            found[row.pk] = why
    return found


@once_more_after_a_deadlock
def close_on(holidays: Iterable[Holiday], *, by: Actor) -> tuple[int, list[Appointment]]:
    """
    Close the clinic on these days, unless it is closed all day then.

    Return how many days that were, and the appointments that it took.
    """
    with changing_hours(by=by) as affected:
        closed = [closure.period for closure in Closure.objects.standing().of_the_clinic()]
        # By the clocks that the clinic has now: a form that held the locks before may have changed its zone.
        zone = Clinic.current().zone
        days = [whole_day(holiday.name, holiday.day, zone) for holiday in holidays]
        more = [
            Closure(
                name=holiday.name[:100],
                public_words=holiday.name[:100],
                starts_at=holiday.starts_at,
                ends_at=holiday.ends_at,
            )
            for holiday in days
            if not holiday.is_within(closed)
        ]
        Closure.objects.bulk_create(more)
    return len(more), affected


def hand_over(*, displaced: Iterable[Appointment], to: Practitioner, by: Actor) -> tuple[int, int]:
    """Give these patients to another practitioner at the same times; return how many went, and how many did not fit."""
    went = [_hand_over(appointment, to, by) for appointment in displaced]
    return went.count(True), went.count(False)


@once_more_after_a_deadlock
def _hand_over(appointment: Appointment, to: Practitioner, by: Actor) -> bool | None:
    """Whether this patient went; None when they are no longer displaced."""
    row = _still_displaced(appointment, to.pk)
    if row is None:
        return None
    slot = Slot.starting_at(row.starts_at, row.visit_type.rules, to.pk)
    try:
        appointments.reschedule(appointment=row, slot=slot, by=by)
    except (SlotTaken, NotPossible, HasAppointment):
        return False
    return True


def tell_displaced(*, displaced: Iterable[Appointment], by: Actor) -> tuple[int, int]:
    """Tell these patients that their time has to change: return how many by mail, and how many must be called."""
    told = [_tell_displaced(appointment, by) for appointment in displaced]
    return sum(isinstance(each, Email) for each in told), sum(isinstance(each, CallTask) for each in told)


@once_more_after_a_deadlock
def _tell_displaced(appointment: Appointment, by: Actor) -> Email | CallTask | None:
    row = _still_displaced(appointment)
    if row is None or row.inquiry.erased_at:
        return None
    with suppress(NotPossible), changing(row.inquiry, None, by) as inquiry:  # Erased a moment ago.
        return _notify_of_displacement(row, inquiry, by)
    return None


def _notify_of_displacement(row: Appointment, inquiry: Inquiry, by: Actor) -> Email | CallTask | None:
    # One for each loss, whatever else becomes of the appointment meanwhile.
    key = f"{row.pk}:{row.displaced_at:%Y%m%d%H%M%S%f}"
    is_near = is_soon(row.starts_at)
    return notify(NotificationKind.DISPLACED, inquiry, key=key, appointment=row, by=by, by_phone=is_near)


def _still_displaced(appointment: Appointment, *others: int) -> Appointment | None:
    """
    The appointment as it is now, its practitioner locked (and those `others` with them).

    None where it is displaced no longer: its patient may have taken another time since somebody looked.
    """
    lock_practitioners([appointment.practitioner_id, *others])
    rows = Appointment.objects.displaced(timezone.now()).select_related("inquiry", "visit_type")
    return rows.filter(pk=appointment.pk, practitioner=appointment.practitioner_id).first()


@refused_by_the_database
def reached(*, displaced: Iterable[Appointment], by: Actor) -> int:
    """Note that these patients know and that the next step is settled with them; return how many."""
    now, count = timezone.now(), 0
    # All at once, practitioners and then inquiries in the order of their ids: otherwise two could wait for each other.
    displaced = sorted(displaced, key=lambda appointment: appointment.inquiry_id)
    lock_practitioners(appointment.practitioner_id for appointment in displaced)
    for appointment in displaced:
        with locked_appointment(appointment, by) as row:
            if row.displaced_at and not row.reached_at and row.is_live and not row.inquiry.erased_at:
                row.reached_at = now
                row.save_new_version()
                complete_displacement_notice(row, by.user)
                count += 1
    return count
