"""Free times as pages show them: for a kind of visit and maybe a practitioner, by day, the earliest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode

from appointments.models import Appointment, Practitioner, Schedule, VisitType
from appointments.scheduling import calendars, slot_codes
from appointments.slots import Slot
from clinic.models import Clinic

# Staff look so many days ahead at least.
STAFF_HORIZON = 190
# So many days with free times stand on one page.
DAYS = 7


@dataclass(frozen=True)
class Day:
    date: date
    slots: Sequence[Slot]

    @property
    def count(self) -> int:
        return len(self.slots)


@dataclass(frozen=True)
class FreeTimes:
    """What somebody may choose from, and what they have chosen so far."""

    schedules: Sequence[Schedule]
    visit_type: VisitType | None
    practitioner: Practitioner | None
    days: Sequence[Day]
    day: Day | None

    @property
    def visit_types(self) -> list[VisitType]:
        found = {schedule.visit_type_id: schedule.visit_type for schedule in self.schedules}
        return sorted(found.values(), key=lambda visit: (visit.position, visit.name))

    @property
    def practitioners(self) -> list[Practitioner]:
        """Those who can be chosen for this kind of visit."""
        found = [schedule.practitioner for schedule in self.schedules if schedule.visit_type == self.visit_type]
        return sorted(found, key=lambda person: (person.position, person.name))

    @property
    def page(self) -> Sequence[Day]:
        """The days around the chosen one."""
        first = self._place // DAYS * DAYS
        return self.days[first : first + DAYS]

    @property
    def _place(self) -> int:
        return self.days.index(self.day) if self.day else 0

    @property
    def previous(self) -> Day | None:
        first = self._place // DAYS * DAYS
        return self.days[first - DAYS] if first else None

    @property
    def next(self) -> Day | None:
        first = self._place // DAYS * DAYS + DAYS
        return self.days[first] if first < len(self.days) else None

    @property
    def rows(self) -> list[tuple[Slot, str, Practitioner]]:
        """The times of the chosen day, each with its code and whom it is with."""
        people = {person.pk: person for person in self.practitioners}
        slots = self.day.slots if self.day else []
        return [(slot, slot_codes.encode(slot), people[slot.practitioner_id]) for slot in slots]

    @property
    def choice(self) -> dict[str, int]:
        """What is chosen, as the parameters of an address."""
        chosen = {"visit": self.visit_type, "with": self.practitioner}
        return {name: row.pk for name, row in chosen.items() if row}

    def address(self, **changes: object) -> str:
        """The part of an address after "?" with this choice, changed; None takes a part out."""
        return urlencode({name: value for name, value in (self.choice | changes).items() if value is not None})


def find(
    schedules: Sequence[Schedule],
    asked: Mapping[str, str],
    *,
    now: datetime,
    without: Appointment | None = None,
    for_staff: bool = False,
) -> FreeTimes:
    """
    The free times of these schedules for what was `asked` in an address (visit, with, day); five queries.

    What is asked for and not there is as if it had not been asked. Staff give times sooner and later than patients may.
    """
    visit_types = sorted(
        (schedule.visit_type for schedule in schedules), key=lambda visit: (visit.position, visit.name)
    )
    visit_type = next(
        (each for each in visit_types if str(each.pk) == asked.get("visit")), next(iter(visit_types), None)
    )
    fitting = [schedule for schedule in schedules if schedule.visit_type == visit_type]
    people = (schedule.practitioner for schedule in fitting)
    practitioner = next((each for each in people if str(each.pk) == asked.get("with")), None)
    wanted = [schedule.practitioner_id for schedule in fitting if practitioner in (None, schedule.practitioner)]
    days = _days(visit_type, wanted, now, without, for_staff) if visit_type else []
    # A day without free times leads to the next one that has some.
    day = next((day for day in days if day.date >= _day(asked.get("day", ""))), None)
    return FreeTimes(schedules, visit_type, practitioner, days, day or (days[-1] if days else None))


def _day(text: str) -> date:
    """The day that an address names; one that is past where it names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def _days(
    visit_type: VisitType, practitioners: Sequence[int], now: datetime, without: Appointment | None, for_staff: bool
) -> list[Day]:
    zone, visit = Clinic.current().zone, visit_type.rules
    if for_staff:
        visit = visit._replace(lead=timedelta(), horizon_days=max(STAFF_HORIZON, visit.horizon_days))
    first = now.astimezone(zone).date()
    last = first + timedelta(days=visit.horizon_days)
    by_id = calendars.between(practitioners, first, last, zone=zone, without=without)
    slots = sorted(
        slot for calendar in by_id.values() for slot in calendar.slots(visit, now=now, first=first, last=last)
    )
    days = groupby(slots, key=lambda slot: slot.starts_at.astimezone(zone).date())
    return [Day(day, list(found)) for day, found in days]
