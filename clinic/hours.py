"""When the clinic is open: pure functions over its week, in wall-clock times of its own time zone."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Opening(NamedTuple):
    """From when to when the clinic is open on a weekday (0 is Monday), as wall-clock times."""

    weekday: int
    opens: time
    closes: time


class Period(NamedTuple):
    """From one moment to another, both aware."""

    starts_at: datetime
    ends_at: datetime


# What holds until somebody enters the hours: a promise has to end somewhere.
DEFAULT_WEEK = tuple(Opening(weekday, time(9), time(17)) for weekday in range(5))

# Closed for longer than this is a closure that somebody forgot to end.
LONGEST_CLOSURE = timedelta(days=366)


def end_of_next_opening_day(
    sent_at: datetime, *, week: Sequence[Opening], closures: Iterable[Period] = (), zone: ZoneInfo
) -> datetime:
    """
    The moment, in UTC, at which the clinic closes on the first day after that of `sent_at` on which it opens.

    What is sent on a Monday has until Tuesday evening: always one full opening day. Closures shorten a day or
    remove it. An empty week counts as DEFAULT_WEEK; closures that cover a whole year are ignored.
    """
    week = week or DEFAULT_WEEK
    closures = sorted(closures, key=lambda closure: closure.ends_at, reverse=True)
    first = sent_at.astimezone(zone).date() + timedelta(days=1)
    for offset in range(LONGEST_CLOSURE.days):
        if closing := _closing(first + timedelta(days=offset), week, closures, zone):
            return closing
    return end_of_next_opening_day(sent_at, week=week, zone=zone)


def last_opening_day(
    day: date, *, week: Sequence[Opening], closures: Iterable[Period] = (), zone: ZoneInfo, within: int = 14
) -> date:
    """`day`, or the last day before it on which the clinic opens; `day` when it opens on no day `within` so many."""
    week = week or DEFAULT_WEEK
    closures = sorted(closures, key=lambda closure: closure.ends_at, reverse=True)
    days = (day - timedelta(days=offset) for offset in range(within))
    return next((each for each in days if _closing(each, week, closures, zone)), day)


def next_open(
    moment: datetime, *, week: Sequence[Opening], closures: Iterable[Period] = (), zone: ZoneInfo, within: int = 14
) -> datetime:
    """`moment`, or the first one after it at which the clinic is open; `moment` where it never opens in these days."""
    closures = sorted(closures)
    first = moment.astimezone(zone).date()
    for day in (first + timedelta(days=offset) for offset in range(within)):
        for opening in sorted(each for each in week or DEFAULT_WEEK if each.weekday == day.weekday()):
            opens = max(moment, datetime.combine(day, opening.opens, zone).astimezone(UTC))
            for closure in closures:
                if closure.starts_at <= opens < closure.ends_at:
                    opens = closure.ends_at
            if opens < datetime.combine(day, opening.closes, zone):
                return opens
    return moment


def _closing(day: date, week: Sequence[Opening], closures: Sequence[Period], zone: ZoneInfo) -> datetime | None:
    """When the clinic closes for good on `day`, in UTC; None when it does not open at all."""
    openings = sorted((each for each in week if each.weekday == day.weekday()), reverse=True)
    for opening in openings:
        opens = datetime.combine(day, opening.opens, zone).astimezone(UTC)
        closes = datetime.combine(day, opening.closes, zone).astimezone(UTC)
        for closure in closures:  # Latest end first: each can only pull the closing time forward.
            if closure.starts_at < closes <= closure.ends_at:
                closes = closure.starts_at.astimezone(UTC)
        if opens < closes:
            return closes
    return None


def open_time(
    start: datetime, end: datetime, *, week: Sequence[Opening], closures: Iterable[Period] = (), zone: ZoneInfo
) -> timedelta:
    """How long the clinic is open between two moments; at most the last 31 days before `end` are looked at."""
    closures, total = list(closures), timedelta()
    start = max(start, end - timedelta(days=31))
    day = start.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        for opening in week or DEFAULT_WEEK:
            if opening.weekday == day.weekday():
                opens = max(start, datetime.combine(day, opening.opens, zone).astimezone(UTC))
                closes = min(end, datetime.combine(day, opening.closes, zone).astimezone(UTC))
                total += _without(opens, closes, closures)
        day += timedelta(days=1)
    return total


def _without(opens: datetime, closes: datetime, closures: Sequence[Period]) -> timedelta:
    """How much of one opening the closures leave; closures that overlap are counted once."""
    left = timedelta()
    for closure in sorted(closures):
        if closure.ends_at > opens and closure.starts_at < closes:
            left += max(timedelta(), closure.starts_at - opens)
            opens = closure.ends_at
    return left + max(timedelta(), closes - opens)


class OpenClock:
    """Runs while the clinic is open, and stands still while it is closed: asked often, about some days."""

    def __init__(
        self, first: date, last: date, *, week: Sequence[Opening], closures: Iterable[Period] = (), zone: ZoneInfo
    ):
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        # What it shows at each start.
        self._shown: list[timedelta] = []
        closures, shown = sorted(closures), timedelta()
        for day in (first + timedelta(days=offset) for offset in range((last - first).days + 1)):
            for opening in sorted(each for each in week or DEFAULT_WEEK if each.weekday == day.weekday()):
                opens = datetime.combine(day, opening.opens, zone).astimezone(UTC)
                for start, end in _left(opens, datetime.combine(day, opening.closes, zone).astimezone(UTC), closures):
                    self._starts.append(start)
                    self._ends.append(end)
                    self._shown.append(shown)
                    shown += end - start

    def shows(self, moment: datetime) -> timedelta:
        at = bisect_right(self._starts, moment) - 1
        return self._shown[at] + min(moment, self._ends[at]) - self._starts[at] if at >= 0 else timedelta()

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How long the clinic is open between two moments of these days."""
        return self.shows(end) - self.shows(start)


def _left(opens: datetime, closes: datetime, closures: Sequence[Period]) -> Iterator[Period]:
    """What the closures, the earliest first, leave of one opening."""
    for closure in closures:
        if closure.ends_at > opens and closure.starts_at < closes:
            if opens < closure.starts_at:
                yield Period(opens, closure.starts_at)
            opens = closure.ends_at
    if opens < closes:
        yield Period(opens, closes)


def overlapping(week: Iterable[Opening]) -> bool:
    """True when two openings of one day share a moment."""
    ordered = sorted(week)
    return any(a.weekday == b.weekday and b.opens < a.closes for a, b in pairwise(ordered))


def grouped(week: Iterable[Opening]) -> list[tuple[int, int, list[tuple[time, time]]]]:
    """
    The week for reading, as (first weekday, last weekday, openings): neighbours with equal hours become one line.

    Closed days are left out.
    """
    days: list[tuple[int, list[tuple[time, time]]]] = []
    for weekday, openings in groupby(sorted(week), key=lambda opening: opening.weekday):
        days.append((weekday, [(opening.opens, opening.closes) for opening in openings]))
    lines: list[tuple[int, int, list[tuple[time, time]]]] = []
    for weekday, times in days:
        if lines and lines[-1][1] == weekday - 1 and lines[-1][2] == times:
            lines[-1] = (lines[-1][0], weekday, times)
        else:
            lines.append((weekday, weekday, times))
    return lines
