"""Practitioners' calendars, read from the database for appointments/slots.py: two statements, however many."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, Value
from django.utils import timezone

from appointments.models import Appointment, BusyBlock, Closure, WorkingHours
from appointments.models.appointment import LONGEST_APPOINTMENT
from appointments.slots import Calendar, Slot, WorkingPeriod, every_week
from clinic.hours import Period
from clinic.models import Clinic


def between(
    practitioners: Iterable[int],
    first: date,
    last: date,
    *,
    zone: ZoneInfo,
    without: Appointment | None = None,
    appointments: bool = True,
) -> dict[int, Calendar]:
    """
    The calendars of these practitioners (by id) for the days from `first` to `last`, both included; two statements.

    `without` leaves one appointment out, which is about to move; `appointments` says whether any take time. Offers
    that have expired take no time. A practitioner who no longer sees patients here has no hours.
    """
    ids = list(practitioners)
    start = datetime.combine(first, time(), zone)
    # The pause after the last visit may reach into the day after.
    end = datetime.combine(last + timedelta(days=2), time(), zone)
    working_periods: dict[int, list[WorkingPeriod]] = defaultdict(list)
    taken: dict[int, list[Period]] = defaultdict(list)
    hours = WorkingHours.objects.filter(practitioner__in=ids, practitioner__is_active=True).order_by()
    for pk, *working_period in hours.values_list("practitioner_id", *WorkingPeriod._fields):
        working_periods[pk].append(WorkingPeriod(*working_period))
    for pk, starts_at, ends_at, is_weekly in _what_takes_time(ids, start, end, without, appointments):
        period = Period(starts_at, ends_at)
        periods = every_week(period, start, end, zone) if is_weekly else [period]
        for each in ids if pk is None else [pk]:
            taken[each] += periods
    return {pk: Calendar(pk, zone, working_periods[pk], taken[pk]) for pk in ids}


def _what_takes_time(
    ids: list[int], start: datetime, end: datetime, without: Appointment | None, appointments: bool
) -> QuerySet:
    """
    What takes time of these practitioners between two moments, with one statement for all three tables.

    Each row is (practitioner, start, end, whether it comes back every week); no practitioner means all of them.
    """
    closures = Closure.objects.standing().filter(
        Q(practitioner=None) | Q(practitioner__in=ids), starts_at__lt=end, ends_at__gt=start
    )
    blocks = BusyBlock.objects.filter(Q(is_weekly=True) | Q(ends_at__gt=start), practitioner__in=ids, starts_at__lt=end)
    once = closures.order_by().values_list("practitioner_id", "starts_at", "ends_at", Value(False))
    others: list[QuerySet[Any, Any]] = [
        blocks.order_by().values_list("practitioner_id", "starts_at", "ends_at", "is_weekly")
    ]
    if appointments:
        held = Appointment.objects.taking_time(timezone.now())
        if without:
            held = held.exclude(pk=without.pk)
        # With both ends of starts_at its index leads straight to these days, past and future left aside.
        held = held.filter(practitioner__in=ids, starts_at__gt=start - LONGEST_APPOINTMENT, starts_at__lt=end)
        held = held.filter(blocked_until__gt=start).order_by()
        others.append(held.values_list("practitioner_id", "starts_at", "blocked_until", Value(False)))
    return once.union(*others, all=True)


def on(slot: Slot, *, without: Appointment | None = None) -> Calendar:
    """The calendar of the slot's practitioner on the slot's day; `without` as in between()."""
    zone = Clinic.current().zone
    day = slot.starts_at.astimezone(zone).date()
    return between([slot.practitioner_id], day, day, zone=zone, without=without)[slot.practitioner_id]
