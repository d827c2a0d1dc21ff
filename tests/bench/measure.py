"""Things that are timed beside each other: in turns, so that what else the machine does hits all of them alike."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Row:
    """
    One thing that is timed; `goal` is the median that it should stay below, in milliseconds.

    `clock` gives seconds: of the wall, or time.process_time for what it costs this process.
    """

    name: str
    act: Callable[[], object]
    goal: float | None = None
    clock: Callable[[], float] = time.perf_counter
    took: list[float] = field(default_factory=list)

    def run(self) -> None:
        began = self.clock()
        self.act()
        self.took.append((self.clock() - began) * 1000)


@dataclass
class Figure:
    """One measured value, with what it should be: at least or at most so much."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None

    @property
    def is_kept(self) -> bool | None:
        if self.least is None and self.most is None:
            return None
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)


def in_turns(rows: Sequence[Row], rounds: int) -> None:
    """Time each once a round, in an order that differs; the first round only warms up."""
    for round_ in range(rounds + 1):
        for row in random.sample(rows, len(rows)):
            row.run()
        if round_ == 0:
            for row in rows:
                row.took.clear()


def figures(rows: Iterable[Figure]) -> Iterable[str]:
    """A Markdown table of what was measured beside what it should be."""
    yield "| | measured | | |"
    yield "|---|---:|---|---|"
    for row in rows:
        limits = (("at least", row.least), ("at most", row.most))
        said = [f"{word} {limit:g}" for word, limit in limits if limit is not None]
        said += {None: [], True: ["kept"], False: ["MISSED"]}[row.is_kept]
        digits = 0 if row.value >= 1_000 else 3
        yield f"| {row.name} | {row.value:,.{digits}f} | {row.unit} | {', '.join(said)} |"


def kept_by(rows: Iterable[Row]) -> list[Figure]:
    """The medians of what was timed in turns, as figures."""
    return [Figure(row.name, median(row.took), "ms", most=row.goal) for row in rows]
