"""What one practitioner's day is made of between its visits: free, taken away or outside the hours. Pure functions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from clinic.hours import Period


class Kind(Enum):
    FREE = "free"
    PAST = "past"
    PAUSE = "pause"
    BREAK = "break"
    OUTSIDE = "outside"
    BUSY = "busy"
    CLOSED = "closed"


class Stretch(NamedTuple):
    """Some time of a day that is no visit; `words` say why nobody is seen, where somebody wrote it down."""

    starts_at: datetime
    ends_at: datetime
    kind: Kind
    words: str = ""


class Taken(NamedTuple):
    """A time that a closure or a busy block takes away, and its words."""

    period: Period
    words: str


class Held(NamedTuple):
    """The time of a visit that nobody else can have: until its end, and then a pause."""

    starts_at: datetime
    ends_at: datetime
    blocked_until: datetime


def stretches(
    shown: Period,
    *,
    at_work: Sequence[Period],
    closed: Sequence[Taken],
    busy: Sequence[Taken],
    held: Sequence[Held],
    now: datetime,
) -> list[Stretch]:
    """
    All time of `shown` that no visit holds, in turn; a closure or a busy block also where a visit lies in it.

    What is free is what a calendar of the same rows has free, from `now` on.
    """
    edges = {*shown, now}
    for each in (*at_work, *(taken.period for taken in (*closed, *busy))):
        edges |= {*each}
    for visit in held:
        edges |= {*visit}
    inside = sorted(edge for edge in edges if shown.starts_at <= edge <= shown.ends_at)
    found: list[Stretch] = []
    for start, end in pairwise(inside):
        stretch = _stretch(Period(start, end), at_work, closed, busy, held, now)
        if stretch is None:
            continue
        if found and found[-1].ends_at == start and found[-1][2:] == stretch[2:]:
            stretch = stretch._replace(starts_at=found.pop().starts_at)
        found.append(stretch)
    return found


def _stretch(
    part: Period,
    at_work: Sequence[Period],
    closed: Sequence[Taken],
    busy: Sequence[Taken],
    held: Sequence[Held],
    now: datetime,
) -> Stretch | None:
    """What a part without an edge inside it is; None where a visit is all that there is."""
    for kind, rows in ((Kind.CLOSED, closed), (Kind.BUSY, busy)):
        if words := [each.words for each in rows if _covers(each.period, part)]:
            return Stretch(*part, kind, words[0])
    if any(each.starts_at <= part.starts_at < each.ends_at for each in held):
        return None
    if not any(_covers(each, part) for each in at_work):
        is_between = _between(part, at_work)
        return Stretch(*part, Kind.BREAK if is_between else Kind.OUTSIDE)
    if any(each.ends_at <= part.starts_at < each.blocked_until for each in held):
        return Stretch(*part, Kind.PAUSE)
    return Stretch(*part, Kind.PAST if part.ends_at <= now else Kind.FREE)


def _covers(period: Period, part: Period) -> bool:
    return period.starts_at <= part.starts_at < period.ends_at


def _between(part: Period, at_work: Iterable[Period]) -> bool:
    """Whether they work before it and after it."""
    periods = list(at_work)
    return any(each.ends_at <= part.starts_at for each in periods) and any(
        each.starts_at >= part.ends_at for each in periods
    )
