"""Practitioners' calendars, read from the database for appointments/slots.py: four queries, however many."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from appointments.models import Appointment, BusyBlock, Closure, WorkingHours
from appointments.slots import Calendar, Slot, WorkingPeriod
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
    The calendars of these practitioners (by id) for the days from `first` to `last`, both included.

    `without` leaves one appointment out, which is about to move; `appointments` says whether any take time. Offers
    that have expired take no time. A practitioner who no longer sees patients here has no hours.
    """
    ids = list(practitioners)
    start = datetime.combine(first, time(), zone)
    # The pause after the last visit may reach into the day after.
    end = datetime.combine(last + timedelta(days=2), time(), zone)
    working_periods: dict[int, list[WorkingPeriod]] = defaultdict(list)
    taken: dict[int, list[Period]] = defaultdict(list)
    for row in WorkingHours.objects.filter(practitioner__in=ids, practitioner__is_active=True):
        working_periods[row.practitioner_id].append(row.working_period)
    for closure in Closure.objects.filter(
        Q(practitioner=None) | Q(practitioner__in=ids), starts_at__lt=end, ends_at__gt=start
    ):
        for pk in ids if closure.practitioner_id is None else [closure.practitioner_id]:
            taken[pk].append(closure.period)
    for block in BusyBlock.objects.filter(
        Q(is_weekly=True) | Q(ends_at__gt=start), practitioner__in=ids, starts_at__lt=end
    ):
        taken[block.practitioner_id] += block.periods(start, end, zone)
    if appointments:
        held = Appointment.objects.taking_time(timezone.now())
        if without:
            held = held.exclude(pk=without.pk)
        rows = held.filter(practitioner__in=ids, starts_at__lt=end, blocked_until__gt=start).order_by()
        # Of thousands of rows only three columns count here.
        for pk, starts_at, blocked_until in rows.values_list("practitioner_id", "starts_at", "blocked_until"):
            taken[pk].append(Period(starts_at, blocked_until))
    return {pk: Calendar(pk, zone, working_periods[pk], taken[pk]) for pk in ids}


def on(slot: Slot, *, without: Appointment | None = None) -> Calendar:
    """The calendar of the slot's practitioner on the slot's day; `without` as in between()."""
    zone = Clinic.current().zone
    day = slot.starts_at.astimezone(zone).date()
    return between([slot.practitioner_id], day, day, zone=zone, without=without)[slot.practitioner_id]
