"""Closures and changed hours, and the patients whose times they take away."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pghistory
from django.db import transaction
from django.utils import timezone

from appointments import availability, calendars, messages
from appointments.actions import appointments, holding
from appointments.actions.holding import HasAppointment, SlotTaken, refused_by_the_database
from appointments.actions.inquiries import NotPossible, changing
from appointments.actors import Actor
from appointments.models import Appointment, AppointmentStatus, CallTask, Closure, Email, MailKind, Practitioner
from appointments.public_holidays import Holiday
from clinic.models import Clinic


@contextmanager
def changing_hours(practitioners: Iterable[int] | None = None, *, by: Actor) -> Iterator[list[Appointment]]:
    """
    Whatever the block changes of these practitioners' hours, closures and busy blocks (everybody's, by default)
    displaces the patients whose times no longer fit, and no longer displaces those whose times fit again.

    What the list holds after the block are the appointments that this very change displaced, soonest first. Nobody
    books meanwhile: the practitioners' locks are held until the end of the caller's transaction.
    """
    if practitioners is None:
        practitioners = Practitioner.objects.values_list("pk", flat=True)
    now, ids = timezone.now(), list(holding.lock(practitioners))
    before = _misfits(ids, now)
    hit: list[Appointment] = []
    with pghistory.context(**by.metadata):
        yield hit
        _mark(before, _misfits(ids, now), now, hit)


def _mark(before: set[int], after: set[int], now: datetime, hit: list[Appointment]) -> None:
    lost = Appointment.objects.filter(pk__in=after - before)
    lost.filter(status=AppointmentStatus.PROPOSED).update(status=AppointmentStatus.CANCELLED)
    lost.holding_time().update(displaced_at=now, reached_at=None)
    Appointment.objects.filter(pk__in=before - after).update(displaced_at=None, reached_at=None)
    messages.drop(before - after, MailKind.DISPLACED)
    hit += lost.live().select_related("inquiry", "practitioner", "visit_type").order_by("starts_at", "pk")


def _misfits(practitioners: list[int], now: datetime) -> set[int]:
    """Ids of appointments to come that lie outside the hours, or in what is closed."""
    # Those that are done, too: somebody may have ticked one off by mistake, and take it back.
    held = Appointment.objects.holding_time().filter(practitioner__in=practitioners, ends_at__gt=now)
    rows = list(held.order_by("starts_at"))
    if not rows:
        return set()
    zone = Clinic.current().zone
    first, last = (moment.astimezone(zone).date() for moment in (rows[0].starts_at, rows[-1].starts_at))
    by_id = calendars.between(practitioners, first, last, zone=zone, appointments=False)
    # What may follow it at once is none of its own time: a closure at noon leaves who is done at noon alone.
    return {row.pk for row in rows if not by_id[row.practitioner_id].fits(row.slot._replace(blocked_until=row.ends_at))}


@transaction.atomic
def close_on(holidays: Iterable[Holiday], *, by: Actor) -> tuple[int, list[Appointment]]:
    """
    Close the clinic on these days, unless it is closed all day then: return how many that were, and whom that hit.
    """
    with changing_hours(by=by) as hit:
        closed = [closure.period for closure in Closure.objects.of_the_clinic()]
        more = [
            Closure(name=holiday.name[:100], starts_at=holiday.starts_at, ends_at=holiday.ends_at)
            for holiday in holidays
            if not holiday.is_within(closed)
        ]
        Closure.objects.bulk_create(more)
    return len(more), hit


def hand_over(*, displaced: Iterable[Appointment], to: Practitioner, by: Actor) -> tuple[int, int]:
    """Give these patients to another practitioner at the same times; return how many went, and how many did not fit."""
    moved = left = 0
    for appointment in displaced:
        with _still_displaced(appointment, to.pk) as row:
            if row is None:
                continue
            slot = availability.slot(row.visit_type.visit(), to.pk, row.starts_at)
            try:
                appointments.move(appointment=row, slot=slot, by=by)
                moved += 1
            except (SlotTaken, NotPossible, HasAppointment):
                left += 1
    return moved, left


def tell_displaced(*, displaced: Iterable[Appointment], by: Actor) -> tuple[int, int]:
    """Tell these patients that their time has to change: return how many by mail, and how many must be called."""
    mails = calls = 0
    for appointment in displaced:
        with _still_displaced(appointment) as row:
            if row is None:
                continue
            with changing(row.inquiry, None, by) as inquiry:
                key = f"{row.told_key}:{row.displaced_at:%Y%m%d%H%M%S}"
                told = messages.tell(MailKind.DISPLACED, inquiry, key=key, appointment=row)
                mails += isinstance(told, Email)
                calls += isinstance(told, CallTask)
    return mails, calls


@contextmanager
def _still_displaced(appointment: Appointment, *others: int) -> Iterator[Appointment | None]:
    """
    The appointment as it is now, its practitioner locked (and those `others` with them).

    None where it is displaced no longer: its patient may have taken another time since somebody looked.
    """
    with transaction.atomic():
        holding.lock([appointment.practitioner_id, *others])
        rows = Appointment.objects.displaced(timezone.now()).select_related("inquiry", "visit_type")
        yield rows.filter(pk=appointment.pk, practitioner=appointment.practitioner_id).first()


@refused_by_the_database
def reached(*, displaced: Iterable[Appointment], by: Actor) -> int:
    """These patients know, and what comes next is settled with them: return how many."""
    now, count, displaced = timezone.now(), 0, list(displaced)
    # All at once, in the order of their ids: one after the other, two colleagues could wait for each other.
    holding.lock(appointment.practitioner_id for appointment in displaced)
    for appointment in displaced:
        with holding.row(appointment, by) as row:
            if row.displaced_at and not row.reached_at:
                row.reached_at = now
                holding.save(row)
                messages.told_of_displacement(row, by.user)
                count += 1
    return count


__all__ = ["changing_hours", "close_on", "hand_over", "reached", "tell_displaced"]
