"""A figure's weeks as bars: sizes for the drawing, which its template draws, and the table beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext

from appointments.records.reports.figures import FIGURES, TOTALS

# What the drawing measures itself in; it is as wide as its page lets it be.
WIDTH, HEIGHT, GAP = 480, 96, 8


@dataclass(frozen=True)
class Bar:
    """One week: its number, of how many, and where its bar stands."""

    week: date
    number: int
    total: int
    x: int
    y: int
    height: int
    width: int

    @property
    def middle(self) -> int:
        return self.x + self.width // 2


@dataclass(frozen=True)
class Chart:
    figure: str
    title: str
    of: str
    words: str
    bars: list[Bar]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def total(self) -> str:
        """The figure that the numbers are parts of."""
        return TOTALS[self.figure]


def chart(name: str, title: Any, weeks: Mapping[date, Mapping[str, int]]) -> Chart:
    numbers = [(week, count[name], count[TOTALS[name]]) for week, count in sorted(weeks.items())]
    highest = max(number for _week, number, _total in numbers) or 1
    step = WIDTH // len(numbers)
    bars = []
    for place, (week, number, total) in enumerate(numbers):
        height = round(HEIGHT * number / highest)
        bars.append(Bar(week, number, total, place * step + GAP // 2, HEIGHT - height, height, step - GAP))
    said = gettext("Weeks from %(first)s to %(last)s: between %(least)d and %(most)d a week.") % {
        "first": date_format(numbers[0][0], "N j, Y"),
        "last": date_format(numbers[-1][0], "N j, Y"),
        "least": min(number for _week, number, _total in numbers),
        "most": max(number for _week, number, _total in numbers),
    }
    return Chart(name, str(title), str(FIGURES[TOTALS[name]].words), said, bars)
