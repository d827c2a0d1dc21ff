"""Which days a report is about: a month or a week, in the clinic's own time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from clinic.models import Clinic

# Months that a report may be about; beside them, nobody has asked for anything.
FIRST_YEAR, LAST_YEAR = 2000, 2199
WEEK = timedelta(days=7)
# So many weeks stand beside each other in a chart.
WEEKS = 12


@dataclass(frozen=True)
class Period:
    """The days from `first` to the one before `after`."""

    first: date
    after: date

    @classmethod
    def month_of(cls, day: date) -> Self:
        first = day.replace(day=1)
        return cls(first, (first + timedelta(days=32)).replace(day=1))

    @classmethod
    def week_of(cls, day: date) -> Self:
        monday = day - timedelta(days=day.weekday())
        return cls(monday, monday + WEEK)

    @classmethod
    def weeks_until(cls, last: date) -> Self:
        """WEEKS weeks, of which the last one holds the day `last`."""
        until = cls.week_of(last).after
        return cls(until - WEEKS * WEEK, until)

    @property
    def weeks(self) -> list["Period"]:
        count = (self.after - self.first) // WEEK
        return [Period.week_of(self.first + number * WEEK) for number in range(count)]

    @property
    def before(self) -> date:
        """A day of the month before, where the period is a month."""
        return self.first - timedelta(days=1)

    def within(self, field: str) -> dict[str, Any]:
        """For a filter: that the moment in `field` lies in the period."""
        return {f"{field}__gte": _midnight(self.first), f"{field}__lt": _midnight(self.after)}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), Clinic.current().zone)


def read_month(typed: str, today: date) -> Period:
    """The month that an address names, like 2026-11; this month where it names none."""
    year, _dash, month = typed.partition("-")
    if len(typed) == 7 and typed.isascii() and year.isdecimal() and month.isdecimal():
        is_known = FIRST_YEAR <= int(year) <= LAST_YEAR and 1 <= int(month) <= 12
        return Period.month_of(date(int(year), int(month), 1) if is_known else today)
    return Period.month_of(today)


def read_week(typed: str) -> Period | None:
    """The week of the day that an address names, like 2026-11-23; None where it names none."""
    try:
        day = date.fromisoformat(typed) if len(typed) == 10 and typed.isascii() else None
    except ValueError:
        return None
    return Period.week_of(day) if day and FIRST_YEAR <= day.year <= LAST_YEAR else None
