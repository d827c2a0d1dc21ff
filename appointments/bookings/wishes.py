"""What somebody who waits for a time wants, what they can want, and what was free when they said so."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from appointments.bookings import free_then
from appointments.models import Inquiry, Practitioner, Schedule, VisitType, WaitingListWish, WorkingHours
from appointments.models.waiting_list_wish import half_day, half_day_name
from appointments.scheduling import calendars
from appointments.slots import Calendar, Slot
from clinic.models import Clinic

# New times are looked for among so many days to come, as far as the kind of visit can be chosen ahead.
LOOKS_AHEAD = 90


def horizon(visit_type: VisitType, now: datetime) -> datetime:
    """Until when times of this kind are looked for."""
    return now + timedelta(days=min(visit_type.horizon_days, LOOKS_AHEAD))


def suits(wish: WaitingListWish, slot: Slot, zone: ZoneInfo) -> bool:
    """Whether the time is with whom they want to see, on a half-day that suits them."""
    if wish.practitioner_id not in (None, slot.practitioner_id):
        return False
    return not wish.half_days or half_day(slot.starts_at.astimezone(zone)) in wish.half_days


def free_slots(
    visit_type: VisitType, by_id: Mapping[int, Calendar], of: Collection[tuple[int, int]], now: datetime
) -> Iterable[Slot]:
    """The free times for a kind of visit that a patient could choose, with whoever sees patients for it."""
    first, last = now.date() - timedelta(days=1), horizon(visit_type, now).date()
    for practitioner, calendar in by_id.items():
        if (practitioner, visit_type.pk) in of:
            yield from calendar.slots(visit_type.rules, now=now, first=first, last=last)


def kinds() -> Any:
    """The kinds of visits that somebody sees patients for."""
    return VisitType.objects.active().filter(pk__in=Schedule.objects.for_staff().values("visit_type"))


def people() -> Any:
    """Who sees patients for one of them."""
    return Practitioner.objects.active().filter(pk__in=Schedule.objects.for_staff().values("practitioner"))


def is_offered(visit_type: VisitType, practitioner: Practitioner | None) -> bool:
    """Whether this practitioner, or anybody, sees patients for that."""
    schedules = Schedule.objects.for_staff().filter(visit_type=visit_type)
    return (schedules.filter(practitioner=practitioner) if practitioner else schedules).exists()


def half_days() -> list[tuple[int, str]]:
    """The half-days of the weekdays on which somebody sees patients, each with its name."""
    weekdays = WorkingHours.objects.filter(practitioner__is_active=True).order_by("weekday")
    days = weekdays.values_list("weekday", flat=True).distinct()
    return [(number, half_day_name(number)) for day in days for number in (2 * day, 2 * day + 1)]


def likely_visit_type(inquiry: Inquiry) -> VisitType | None:
    """What they had, or asked for, a time for last, or the only kind of visit there is; None where nobody knows."""
    there = kinds()
    last = inquiry.appointments.of_the_patient()
    known = last.visit_type_id if last else inquiry.wished_visit_type_id
    if known is not None:
        return there.filter(pk=known).first()
    only = list(there[:2])
    return only[0] if len(only) == 1 else None


def write(
    row: Inquiry,
    visit_type: VisitType,
    practitioner: Practitioner | None,
    half_days: Sequence[int],
    *,
    until: datetime,
    now: datetime,
) -> None:
    """
    Write what the people of a locked inquiry wait for.

    What suits them and is free at the moment at which they begin to wait is kept with it: they know of it, or did not
    want it. Who says later that other days suit them, too, is shown what is free on those.
    """
    said: dict[str, Any] = {"visit_type": visit_type, "practitioner": practitioner, "half_days": sorted(set(half_days))}
    wish = WaitingListWish(inquiry=row, **said)
    if (
        row.waiting_list_since is None
        or not WaitingListWish.objects.filter(inquiry=row, visit_type=visit_type).exists()
    ):
        said["free_then"] = free_then.keep(_free_for(wish, until, now))
    WaitingListWish.objects.update_or_create(inquiry=row, defaults=said)


def _free_for(wish: WaitingListWish, until: datetime, now: datetime) -> Iterable[Slot]:
    zone = Clinic.current().zone
    people = Schedule.objects.for_staff().filter(visit_type=wish.visit_type).values_list("practitioner", flat=True)
    of = {(practitioner, wish.visit_type.pk) for practitioner in people}
    first, last = now.astimezone(zone).date(), min(until, horizon(wish.visit_type, now)).astimezone(zone).date()
    by_id = calendars.between([pk for pk, _visit in of], first, last, zone=zone)
    return (slot for slot in free_slots(wish.visit_type, by_id, of, now) if suits(wish, slot, zone))
