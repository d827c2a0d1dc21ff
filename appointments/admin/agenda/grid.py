"""A column of the agenda as cells of a table: rows of 15 minutes, and side by side what is at one time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from clinic.hours import Period

QUARTER = timedelta(minutes=15)
HOUR, ROWS_OF_AN_HOUR = timedelta(hours=1), 4
# What a day shows on which nobody works: from 9 to 5.
WITHOUT_HOURS = (9, 17)


class Placed(NamedTuple):
    """Something that stands in the rows from `top` to before `bottom`."""

    top: int
    bottom: int
    what: Any


class Cell(NamedTuple):
    """A cell of the table: its first row, how many rows and lanes it takes, and what is in it (None: nothing)."""

    top: int
    rows: int
    lane: int
    lanes: int
    what: Any


class Rows(NamedTuple):
    """The hours that a table shows, the same on each of its days: from `first` to before `last`, by wall clocks."""

    first: int
    last: int
    zone: ZoneInfo

    @property
    def number(self) -> int:
        return (self.last - self.first) * ROWS_OF_AN_HOUR

    def period_on(self, day: date) -> Period:
        """From the first row to the end of the last one on this day, in UTC."""
        midnight = datetime.combine(day, time())
        first, last = (
            (midnight + timedelta(hours=hours)).replace(tzinfo=self.zone).astimezone(UTC)
            for hours in (self.first, self.last)
        )
        return Period(first, last)

    def row_of(self, moment: datetime, day: date) -> int:
        """The row in which a moment lies; before the first or after the last for one outside the hours."""
        wall = moment.astimezone(self.zone).replace(tzinfo=None)
        return (wall - datetime.combine(day, time())) // QUARTER - self.first * ROWS_OF_AN_HOUR

    def place(self, starts_at: datetime, ends_at: datetime, day: date, what: Any) -> Placed:
        """
        Where it stands; one row at least, so that nothing is lost from sight.

        Both ends are cut to the quarter before, so that what follows each other does not overlap in the rows.
        """
        top = min(max(self.row_of(starts_at, day), 0), self.number - 1)
        bottom = min(max(self.row_of(ends_at, day), top + 1), self.number)
        return Placed(top, bottom, what)


def rows_around(periods: Iterable[tuple[date, Period]], zone: ZoneInfo) -> Rows:
    """Rows of whole hours in which all of these periods lie, each on its day; a working day where there are none."""
    hours = []
    for day, period in periods:
        midnight = datetime.combine(day, time())
        walls = [moment.astimezone(zone).replace(tzinfo=None) - midnight for moment in period]
        hours.append((walls[0] // HOUR, -(-walls[1] // HOUR)))
    if not hours:
        return Rows(*WITHOUT_HOURS, zone)
    first = min(23, max(0, min(start for start, _end in hours)))
    return Rows(first, max(first + 1, min(24, max(end for _start, end in hours))), zone)


def cells(placed: Sequence[Placed], rows: int) -> tuple[int, list[Cell]]:
    """How many lanes the column has, and its cells, which fill all of its rows and lanes."""
    groups = list(_groups(placed))
    lanes = max((len(group) for group in groups), default=1)
    found: list[Cell] = []
    at = 0
    for group in groups:
        top, bottom = min(lane[0].top for lane in group), max(lane[-1].bottom for lane in group)
        found += _filler(at, top, 0, lanes)
        for number, lane in enumerate(group):
            # The last lane is as wide as what is left of the column.
            wide = lanes - number if number == len(group) - 1 else 1
            at = top
            for each in lane:
                found += _filler(at, each.top, number, wide)
                found.append(Cell(each.top, each.bottom - each.top, number, wide, each.what))
                at = each.bottom
            found += _filler(at, bottom, number, wide)
        at = bottom
    found += _filler(at, rows, 0, lanes)
    return lanes, sorted(found, key=lambda cell: (cell.top, cell.lane))


def _filler(top: int, bottom: int, lane: int, lanes: int) -> list[Cell]:
    return [Cell(top, bottom - top, lane, lanes, None)] if bottom > top else []


def _groups(placed: Sequence[Placed]) -> Iterator[list[list[Placed]]]:
    """What stands side by side, as lanes; what shares no row with it is another group."""
    lanes: list[list[Placed]] = []
    for each in sorted(placed, key=lambda each: each[:2]):
        if lanes and each.top >= max(lane[-1].bottom for lane in lanes):
            yield lanes
            lanes = []
        free = next((lane for lane in lanes if lane[-1].bottom <= each.top), None)
        if free is None:
            lanes.append([each])
        else:
            free.append(each)
    if lanes:
        yield lanes
