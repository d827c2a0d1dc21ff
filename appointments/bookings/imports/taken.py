"""Times that somebody has, so that thousands of rows can be compared with thousands of them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from appointments.slots import Slot
from clinic.hours import Period


class Taken(NamedTuple):
    """A time that somebody has: until when the visit itself takes, and a sentence on who has it."""

    blocked: Period
    ends_at: datetime
    words: str


class Times:
    """Times that are taken, found by practitioner and day: thousands of rows are compared with thousands."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], list[Taken]] = defaultdict(list)

    def add(self, slot: Slot, words: str) -> None:
        for day in self._days(slot):
            taken = Taken(Period(slot.starts_at, slot.blocked_until), slot.ends_at, words)
            self._found[slot.practitioner_id, day].append(taken)

    def clash(self, slot: Slot) -> Taken | None:
        """The first that the slot overlaps, pauses included."""
        overlaps = (
            taken
            for day in self._days(slot)
            for taken in self._found.get((slot.practitioner_id, day), ())
            if taken.blocked.starts_at < slot.blocked_until and slot.starts_at < taken.blocked.ends_at
        )
        return min(overlaps, default=None)

    @staticmethod
    def _days(slot: Slot) -> Iterator[int]:
        return iter(range(slot.starts_at.toordinal(), slot.blocked_until.toordinal() + 1))
