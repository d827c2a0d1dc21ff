"""
When somebody can be seen: pure functions over working hours and what takes time away from them.

Working hours are wall-clock times in the clinic's zone; everything else, and what comes out, is in UTC.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from clinic.hours import Period


class WorkingPeriod(NamedTuple):
    """Working hours of one weekday (0 is Monday), from `valid_from` to `valid_until`, both included, if given."""

    weekday: int
    opens: time
    closes: time
    valid_from: date | None = None
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        return (
            day.weekday() == self.weekday
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )


def overlapping(working_periods: Iterable[WorkingPeriod]) -> bool:
    """True when two periods of one weekday share a moment on a day on which both hold."""
    return any(
        a.weekday == b.weekday
        and (a.opens < b.closes and b.opens < a.closes)
        and (a.valid_from or date.min) <= (b.valid_until or date.max)
        and (b.valid_from or date.min) <= (a.valid_until or date.max)
        for a, b in combinations(working_periods, 2)
    )


class VisitRules(NamedTuple):
    """
    How long a kind of visit takes, how long nobody follows it, and how soon and how far ahead it may be chosen.

    What `follows_others` may begin right after what is taken, too.
    """

    visit_type_id: int
    minutes: int
    buffer_minutes: int
    lead: timedelta
    horizon_days: int
    follows_others: bool = False


class Slot(NamedTuple):
    """A time that can be given to somebody. Computed, never stored."""

    starts_at: datetime
    ends_at: datetime
    blocked_until: datetime
    practitioner_id: int
    visit_type_id: int

    @classmethod
    def starting_at(cls, starts_at: datetime, rules: VisitRules, practitioner_id: int) -> Self:
        """The slot of this kind of visit that begins at `starts_at`, free or not."""
        ends_at = starts_at + timedelta(minutes=rules.minutes)
        blocked_until = ends_at + timedelta(minutes=rules.buffer_minutes)
        return cls(starts_at, ends_at, blocked_until, practitioner_id, rules.visit_type_id)


def what_changed(before: Any, after: Any) -> str:
    """
    What of a time became another, as people are told it: when it is before with whom, and that before what for.

    The name of a field, of slots as of appointments and their histories; empty where none of the three did.
    """
    told = ("starts_at", "practitioner_id", "visit_type_id")
    return next((name for name in told if getattr(before, name) != getattr(after, name)), "")


def every_week(period: Period, first: datetime, last: datetime, zone: ZoneInfo) -> list[Period]:
    """When a period that comes back every week takes time between two moments, always at its wall-clock times."""
    start, end = period.starts_at.astimezone(zone), period.ends_at.astimezone(zone)
    until = last.astimezone(zone)
    shifted = timedelta(days=7 * max(0, (first - period.ends_at) // timedelta(days=7)))
    periods = []
    # Wall-clock arithmetic: what is at nine stays at nine when the clocks change.
    while start + shifted <= until:
        periods.append(Period(start + shifted, end + shifted))
        shifted += timedelta(days=7)
    return periods


@dataclass(frozen=True)
class Calendar:
    """One practitioner's working hours and what takes time away from them, in any order and overlapping as it likes."""

    practitioner_id: int
    zone: ZoneInfo
    working_periods: Sequence[WorkingPeriod]
    taken: Sequence[Period]

    @cached_property
    def _busy(self) -> tuple[list[datetime], list[datetime]]:
        """What is taken, merged, as (starts, ends), both ascending."""
        starts: list[datetime] = []
        ends: list[datetime] = []
        for start, end in sorted(self.taken):
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        return starts, ends

    def day_of(self, moment: datetime) -> date:
        """The day of `moment` where the practitioner works."""
        return moment.astimezone(self.zone).date()

    def is_free(self, start: datetime, end: datetime) -> bool:
        starts, ends = self._busy
        at = bisect_right(starts, start)
        return (at == 0 or ends[at - 1] <= start) and (at == len(starts) or starts[at] >= end)

    def is_at_work(self, start: datetime, end: datetime) -> bool:
        """Whether all of it lies within one period of the working hours."""
        day = start.astimezone(self.zone).date()
        return any(
            _moment(day, working_period.opens, self.zone) <= start
            and end <= _moment(day, working_period.closes, self.zone)
            for working_period in self.working_periods
            if working_period.holds_on(day)
        )

    def touches_work(self, start: datetime, end: datetime) -> bool:
        """Whether any of it lies within the working hours; it is no longer than a day."""
        return any(
            _moment(day, working_period.opens, self.zone) < end
            and start < _moment(day, working_period.closes, self.zone)
            for day in {each.astimezone(self.zone).date() for each in (start, end)}
            for working_period in self.working_periods
            if working_period.holds_on(day)
        )

    def fits(self, slot: Slot) -> bool:
        """Whether somebody can be seen then: within the working hours, and nothing is taken of it."""
        return self.is_at_work(slot.starts_at, slot.ends_at) and self.is_free(slot.starts_at, slot.blocked_until)

    def slots(self, visit: VisitRules, *, now: datetime, first: date, last: date) -> Iterator[Slot]:
        """Free times for `visit` on the days from `first` to `last`, both included, the earliest first."""
        earliest = now + visit.lead
        last = min(last, now.astimezone(self.zone).date() + timedelta(days=visit.horizon_days))
        length, pause = timedelta(minutes=visit.minutes), timedelta(minutes=visit.buffer_minutes)
        day = max(first, earliest.astimezone(self.zone).date())
        while day <= last:
            found = [
                (start, end)
                for start, end in self.visits(day, length, length + pause)
                if self.is_free(start, end + pause)
            ]
            if visit.follows_others and (more := self._after_others(day, length, pause, found)):
                found = sorted({*found, *more})
            for start, end in found:
                if start >= earliest:
                    yield Slot(start, end, end + pause, self.practitioner_id, visit.visit_type_id)
            day += timedelta(days=1)

    def _after_others(
        self, day: date, length: timedelta, pause: timedelta, of_grid: Sequence[tuple[datetime, datetime]]
    ) -> list[tuple[datetime, datetime]]:
        """
        Visits one after the other from each moment on at which something taken ends, until the next begins.

        On five minutes of the clock. Left out where fewer fit than the free ones `of_grid` in the same stretch.
        """
        starts, ends = self._busy
        found = []
        for working_period in self.working_periods:
            if not working_period.holds_on(day):
                continue
            first, last = (_moment(day, wall, self.zone) for wall in (working_period.opens, working_period.closes))
            for at in range(bisect_right(ends, first), len(ends)):
                if ends[at] >= last:
                    break
                until = min(last + pause, starts[at + 1] if at + 1 < len(starts) else last + pause)
                start, more = _on_five_minutes(ends[at]), []
                while start + length <= last and start + length + pause <= until:
                    more.append((start, start + length))
                    start += length + pause
                if len(more) >= sum(ends[at] <= each[0] < until for each in of_grid):
                    found += more
        return found

    def visits(self, day: date, length: timedelta, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
        """
        Cut one day's working hours into visits, as (start, end) pairs in UTC.

        A wall time that does not exist is left out, one that happens twice is offered once, the first time. Minutes
        are added in UTC, so that every visit keeps its length on the day the clocks change. Raises ValueError
        unless `step` and `length` are positive.

        Source: PEP 495, for wall-clock times that happen twice or never.
        """
        if step <= timedelta() or length <= timedelta():
            raise ValueError("a visit takes time")
        for working_period in sorted(
            working_period for working_period in self.working_periods if working_period.holds_on(day)
        ):
            yield from _cut(day, working_period.opens, working_period.closes, self.zone, length, step)


# Practitioners mostly share their hours, and one page after another asks for the same days.
@lru_cache(maxsize=512)
def _cut(
    day: date, opens: time, closes: time, zone: ZoneInfo, length: timedelta, step: timedelta
) -> tuple[tuple[datetime, datetime], ...]:
    """The visits of one period of working hours on one day: see Calendar.visits()."""
    first, last = _moment(day, opens, zone), _moment(day, closes, zone)
    wall, until = datetime.combine(day, opens), datetime.combine(day, closes)
    found = []
    while wall < until:
        start = _utc(day, wall.time(), zone)
        if start and first <= start and start + length <= last:
            found.append((start, start + length))
        wall += step
    return tuple(found)


def free_days(
    calendars: Iterable[Calendar], visit: VisitRules, *, now: datetime, first: date, last: date, backward: bool = False
) -> Iterator[tuple[date, list[Slot]]]:
    """
    The days from `first` to `last` on which these calendars have free times, with the times, the earliest first.

    A day is computed when it is asked for; `backward`, the last day comes first.
    """
    calendars = list(calendars)
    days = (last - first).days + 1
    for offset in reversed(range(days)) if backward else range(days):
        day = first + timedelta(days=offset)
        free = sorted(slot for each in calendars for slot in each.slots(visit, now=now, first=day, last=day))
        if free:
            yield day, free


def beside_each_other(slots: Iterable[Slot]) -> Iterator[Slot]:
    """Of one practitioner's slots, the earliest first, those that can all be given."""
    until = None
    for slot in slots:
        if until is None or slot.starts_at >= until:
            until = slot.blocked_until
            yield slot


def _on_five_minutes(moment: datetime) -> datetime:
    """This moment, or the next one at five minutes of the clock."""
    beyond = timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)
    return moment + (timedelta(minutes=5) - beyond if beyond else beyond)


def _utc(day: date, wall: time, zone: ZoneInfo) -> datetime | None:
    """The first moment at which clocks in `zone` show this time, in UTC; None when they never do."""
    local = datetime.combine(day, wall, zone)
    moment = local.astimezone(UTC)
    return moment if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None) else None


def _moment(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """
    The first moment at which clocks in `zone` show this time, in UTC.

    On the day the clocks go forward, a time that they skip counts as if they had not been changed.
    """
    return _utc(day, wall, zone) or datetime.combine(day, wall, zone).astimezone(UTC)
