"""Things that are timed beside each other: in turns, so that what else the machine does hits all of them alike."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Row:
    """One thing that is timed; `goal` is the median that it should stay below, in milliseconds."""

    name: str
    act: Callable[[], object]
    goal: float | None = None
    took: list[float] = field(default_factory=list)

    def run(self) -> None:
        began = time.perf_counter()
        self.act()
        self.took.append((time.perf_counter() - began) * 1000)


def in_turns(rows: Sequence[Row], rounds: int) -> None:
    """Time each once a round, in an order that differs; the first round only warms up."""
    for round_ in range(rounds + 1):
        for row in random.sample(rows, len(rows)):
            row.run()
        if round_ == 0:
            for row in rows:
                row.took.clear()


def table(rows: Sequence[Row]) -> Iterable[str]:
    """A Markdown table; the ratios are to the first row, which is the floor."""
    floor = median(rows[0].took)
    yield "| | median, ms | times the floor | goal, ms |"
    yield "|---|---:|---:|---:|"
    for row in rows:
        took = median(row.took)
        goal = "" if row.goal is None else f"{row.goal:g}, {'kept' if took < row.goal else 'MISSED'}"
        yield f"| {row.name} | {took:.2f} | {took / floor:.1f} | {goal} |"
