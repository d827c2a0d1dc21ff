"""The public holidays of a region, as whole days on which a clinic may close, and what was decided about them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.utils.formats import date_format

from appointments.models import Closure, OpenHoliday, VisitType
from clinic.hours import Period
from clinic.models import Clinic

# What nobody decided is asked so long before, whatever patients may choose.
AHEAD = timedelta(days=60)


class Holiday(NamedTuple):
    """A day in the clinic's zone, from midnight to midnight: 23 or 25 hours where the clocks change on it."""

    name: str
    day: date
    starts_at: datetime
    ends_at: datetime

    def is_within(self, closed: Iterable[Period]) -> bool:
        """Whether one of these closures lasts all day."""
        return any(start <= self.starts_at and self.ends_at <= end for start, end in closed)


def coming(region: str, first: date, last: date, zone: ZoneInfo) -> list[Holiday]:
    """Public holidays of `region` ("US", "US-NY") on the days from `first` to `last`, both included, in order."""
    from holidays import country_holidays  # noqa: PLC0415  (half a second, which few processes need)

    country, _dash, state = region.partition("-")
    known = country_holidays(country, subdiv=state or None, years=range(first.year, last.year + 1))
    return [whole_day(name, day, zone) for day, name in sorted(known.items()) if first <= day <= last]


def whole_day(name: str, day: date, zone: ZoneInfo) -> Holiday:
    begins, ends = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + timedelta(days=1)))
    return Holiday(name, day, begins, ends)


def undecided(region: str, first: date, last: date, zone: ZoneInfo) -> list[Holiday]:
    """Those that no closure covers all day, and of which nobody has said that the clinic is open."""
    is_open = decided_open(first, last)
    closed = Closure.objects.periods_of_the_clinic(after=datetime.combine(first, time(), zone))
    return [
        each for each in coming(region, first, last, zone) if each.day not in is_open and not each.is_within(closed)
    ]


def within_reach(now: datetime) -> str:
    """
    The undecided public holidays for which times may be given, as a list: "Christmas Day (Dec. 25)"; empty without any.

    As far ahead as patients may choose, and for two months at least.
    """
    clinic = Clinic.current()
    longest = VisitType.objects.active().aggregate(days=Max("horizon_days"))["days"] or 0
    today = now.astimezone(clinic.zone).date()
    last = today + max(AHEAD, timedelta(days=longest))
    days = undecided(clinic.holidays_of, today, last, clinic.zone)
    return ", ".join(f"{each.name} ({date_format(each.day, 'N j')})" for each in days)


def decided_open(first: date, last: date) -> set[date]:
    """The public holidays in these days on which somebody has decided that the clinic is open."""
    return set(OpenHoliday.objects.filter(day__range=(first, last)).values_list("day", flat=True))


def open_on(days: Iterable[date]) -> None:
    """Keep that the clinic is open on these public holidays, unless that was kept before."""
    OpenHoliday.objects.bulk_create([OpenHoliday(day=day) for day in days], ignore_conflicts=True)
