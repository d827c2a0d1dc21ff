"""Times that somebody has, so that thousands of rows can be compared with thousands of them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from appointments.bookings.imports.compared import reference_and_time
from appointments.bookings.imports.lines import Line
from appointments.models import Appointment, BroughtIn, BusyBlock
from appointments.scheduling import calendars
from appointments.slots import Calendar, Slot
from clinic.hours import Period


class Taken(NamedTuple):
    """A time that somebody has: until when the visit itself takes, a sentence on who has it, and whose it is."""

    blocked: Period
    ends_at: datetime
    words: str
    appointment: int = 0
    is_busy: bool = False


class Times:
    """Times that are taken, found by practitioner and day: thousands of rows are compared with thousands."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], list[Taken]] = defaultdict(list)

    def add(self, slot: Slot, words: str, appointment: int = 0, *, is_busy: bool = False) -> None:
        for day in self._days(slot):
            taken = Taken(Period(slot.starts_at, slot.blocked_until), slot.ends_at, words, appointment, is_busy)
            self._found[slot.practitioner_id, day].append(taken)

    def clash(self, slot: Slot, but: int = 0, *, is_busy: bool = False) -> Taken | None:
        """
        The first that the slot overlaps, pauses included, `but` for the time of one appointment.

        One that `is_busy` takes no other busy time's: somebody may have two reasons to see nobody.
        """
        overlaps = (
            taken
            for day in self._days(slot)
            for taken in self._found.get((slot.practitioner_id, day), ())
            if taken.blocked.starts_at < slot.blocked_until and slot.starts_at < taken.blocked.ends_at
            if not (but and taken.appointment == but) and not (is_busy and taken.is_busy)
        )
        return min(overlaps, default=None)

    @staticmethod
    def _days(slot: Slot) -> Iterator[int]:
        return iter(range(slot.starts_at.toordinal(), slot.blocked_until.toordinal() + 1))


@dataclass(frozen=True)
class Around:
    """What is around the times of a file: what is taken, the hours with what takes time from them, the busy times."""

    zone: ZoneInfo
    held: list[Appointment]
    hours: dict[int, Calendar]
    blocks: frozenset[tuple[int, datetime, datetime]]
    # Those that no calendar is known to have brought.
    unknown_blocks: dict[tuple[int, datetime, datetime], int]

    @classmethod
    def read(cls, slots: Collection[Slot], zone: ZoneInfo, now: datetime) -> Self:
        first, last = min(slot.starts_at for slot in slots), max(slot.blocked_until for slot in slots)
        doctors = {slot.practitioner_id for slot in slots}
        held = Appointment.objects.holding_time().exclude(pk__in=Appointment.objects.expired(now))
        held = held.filter(practitioner__in=doctors, starts_at__lt=last, blocked_until__gt=first)
        days = first.astimezone(zone).date(), last.astimezone(zone).date()
        blocks = BusyBlock.objects.filter(practitioner__in=doctors, starts_at__gte=first, ends_at__lte=last)
        is_known = Exists(BroughtIn.objects.filter(busy_block=OuterRef("pk")))
        listed = blocks.values_list("practitioner", "starts_at", "ends_at", "pk", "is_weekly", is_known)
        found = {(each[0], each[1], each[2]): each for each in listed}
        return cls(
            zone,
            list(held.select_related("inquiry")),
            calendars.between(doctors, *days, zone=zone, appointments=False),
            frozenset(found),
            {at: each[3] for at, each in found.items() if not (each[4] or each[5])},
        )

    def times(self, leaving: Collection[Line]) -> Times:
        """What is taken, without the visits that leave their time."""
        gone = {line.known.appointment.pk for line in leaving if line.known.appointment}
        times = Times()
        for each in self.held:
            if each.pk not in gone:
                times.add(each.slot, reference_and_time(each, self.zone), each.pk)
        return times

    def hours_without(self, leaving: Collection[Line]) -> dict[int, Calendar]:
        """The hours, without the busy times that leave theirs."""
        gone = Counter(
            (each.practitioner_id, Period(each.starts_at, each.ends_at))
            for line in leaving
            if (each := line.known.block)
        )
        if not gone:
            return self.hours
        return {pk: replace(each, taken=list(_left(each, gone))) for pk, each in self.hours.items()}


def _left(calendar: Calendar, gone: Counter[tuple[int, Period]]) -> Iterator[Period]:
    for period in calendar.taken:
        if gone[calendar.practitioner_id, period]:
            gone[calendar.practitioner_id, period] -= 1
        else:
            yield period
