"""Free times as pages show them: for a kind of visit and maybe a practitioner, some days at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice
from urllib.parse import urlencode

from appointments.models import Appointment, Practitioner, Schedule, VisitType
from appointments.scheduling import calendars, slot_codes
from appointments.slots import Slot, VisitRules, free_days
from clinic.models import Clinic

# What an address of free times may ask for.
PARAMETERS = ("visit", "with", "from", "before", "day")
# Staff look so many days ahead at least.
STAFF_HORIZON = 190
# So many days with free times stand on one page.
DAYS = 7
# How far a page looks for them: so many days of one practitioner each, between two weeks and half a year.
LOOKED_THROUGH, AT_LEAST, AT_MOST = 420, 14, 182
DAY = timedelta(days=1)
NOON = 12
# A time, its code, and whom it is with.
type Row = tuple[Slot, str, Practitioner]


@dataclass(frozen=True)
class Day:
    date: date
    slots: Sequence[Slot]

    @property
    def count(self) -> int:
        return len(self.slots)


@dataclass(frozen=True)
class Page:
    """
    Some days with free times, the earliest first, out of those from `first` to `last` that were looked through.

    `place` is the page as an address names it. `earlier` is the day before which the page before it ends, `later` the
    day from which the next one goes on; None where no time can be.
    """

    days: Sequence[Day] = ()
    first: date = date.min
    last: date = date.min
    place: tuple[str, str] | None = None
    earlier: date | None = None
    later: date | None = None


@dataclass(frozen=True)
class FreeTimes:
    """What somebody may choose from, and what they have chosen so far."""

    schedules: Sequence[Schedule]
    visit_type: VisitType | None
    practitioner: Practitioner | None
    page: Page
    day: Day | None

    @cached_property
    def visit_types(self) -> list[VisitType]:
        found = {schedule.visit_type_id: schedule.visit_type for schedule in self.schedules}
        return sorted(found.values(), key=lambda visit: (visit.position, visit.name))

    @cached_property
    def practitioners(self) -> list[Practitioner]:
        """Those who can be chosen for this kind of visit."""
        found = [schedule.practitioner for schedule in self.schedules if schedule.visit_type == self.visit_type]
        return sorted(found, key=lambda person: (person.position, person.name))

    @property
    def rows(self) -> list[Row]:
        """The times of the chosen day, each with its code and whom it is with."""
        people = {person.pk: person for person in self.practitioners}
        slots = self.day.slots if self.day else []
        return [(slot, slot_codes.encode(slot), people[slot.practitioner_id]) for slot in slots]

    @property
    def other_visit_types(self) -> list[VisitType]:
        """The kinds of visits that can be chosen instead."""
        return [visit for visit in self.visit_types if visit != self.visit_type]

    @property
    def parts(self) -> list[tuple[str, list[Row]]]:
        """The same rows by the part of the day: "morning" and "afternoon", as the clinic's clock has them."""
        zone = Clinic.current().zone
        found: dict[str, list[Row]] = {"morning": [], "afternoon": []}
        for row in self.rows:
            found["morning" if row[0].starts_at.astimezone(zone).hour < NOON else "afternoon"].append(row)
        return [(part, rows) for part, rows in found.items() if rows]

    @property
    def next_rows(self) -> list[Row]:
        """
        Where the page begins with the soonest times: two different ones of its first day, and one of the next.

        Who can't come on that day has another at once. Empty on a page of later days.
        """
        if self.page.earlier:
            return []
        return [
            self._row(slot) for day, count in zip(self.page.days, (2, 1), strict=False) for slot in _first(day, count)
        ]

    def _row(self, slot: Slot) -> Row:
        person = next(each for each in self.practitioners if each.pk == slot.practitioner_id)
        return slot, slot_codes.encode(slot), person

    @property
    def says_with_whom(self) -> bool:
        """Whether times of several practitioners stand beside each other."""
        return self.practitioner is None and len(self.practitioners) > 1

    # What an address, or a form's hidden fields, say of this choice. Who chooses another kind of visit begins anew.

    @property
    def choice(self) -> dict[str, str]:
        """The kind of visit, and with whom."""
        chosen = {"visit": self.visit_type, "with": self.practitioner}
        return {name: str(row.pk) for name, row in chosen.items() if row}

    @property
    def on_this_page(self) -> dict[str, str]:
        """The same, and these days: what choosing another day keeps."""
        return self.choice | (dict([self.page.place]) if self.page.place else {})

    @property
    def with_somebody_else(self) -> dict[str, str]:
        """What choosing another practitioner keeps: the day, too."""
        kept = self.on_this_page | ({"day": self.day.date.isoformat()} if self.day else {})
        return {name: value for name, value in kept.items() if name != "with"}

    @property
    def earlier(self) -> str:
        """The address, after its "?", of the page with the days before these; empty where there is none."""
        return urlencode(self.choice | {"before": self.page.earlier}) if self.page.earlier else ""

    @property
    def later(self) -> str:
        """The same for the days after these."""
        return urlencode(self.choice | {"from": self.page.later}) if self.page.later else ""

    def address_of(self, day: Day) -> str:
        """The address, after its "?", of this page with the times of another day."""
        return urlencode(self.on_this_page | {"day": day.date})


def find(
    schedules: Sequence[Schedule],
    asked: Mapping[str, str],
    *,
    now: datetime,
    without: Appointment | None = None,
    for_staff: bool = False,
) -> FreeTimes:
    """
    The free times of these schedules for what was `asked` in an address (PARAMETERS); two statements, and the clinic.

    `without` is an appointment that is to move: it takes no time, and its own time is not offered for it. What is
    asked for and not there is as if it had not been asked. Staff give times sooner and later than patients may.
    """
    visit_types = sorted(
        (schedule.visit_type for schedule in schedules), key=lambda visit: (visit.position, visit.name)
    )
    visit_type = next(
        (each for each in visit_types if str(each.pk) == asked.get("visit")), next(iter(visit_types), None)
    )
    if visit_type is None:
        return FreeTimes(schedules, None, None, Page(), None)
    fitting = [schedule for schedule in schedules if schedule.visit_type == visit_type]
    people = (schedule.practitioner for schedule in fitting)
    practitioner = next((each for each in people if str(each.pk) == asked.get("with")), None)
    wanted = [schedule.practitioner_id for schedule in fitting if practitioner in (None, schedule.practitioner)]
    rules = staff_rules(visit_type.rules) if for_staff else visit_type.rules
    page = _page(rules, wanted, asked, now, without)
    # A day without free times leads to the next one that has some.
    after = (day for day in page.days if day.date >= (_day(asked, "day") or date.min))
    return FreeTimes(schedules, visit_type, practitioner, page, next(after, page.days[-1] if page.days else None))


def staff_rules(rules: VisitRules) -> VisitRules:
    """How soon and how far ahead staff give times of this kind of visit."""
    return rules._replace(lead=timedelta(), horizon_days=max(STAFF_HORIZON, rules.horizon_days))


def _first(day: Day, count: int) -> list[Slot]:
    """The day's first times that begin at different moments."""
    found: dict[datetime, Slot] = {}
    for slot in day.slots:
        found.setdefault(slot.starts_at, slot)
    return list(found.values())[:count]


def _page(
    visit: VisitRules,
    practitioners: Sequence[int],
    asked: Mapping[str, str],
    now: datetime,
    without: Appointment | None,
) -> Page:
    """
    The days from the one that an address names on, or the last ones `before` it.

    Where nothing is free from a `day` on that stands alone in the address, the page ends with the last free one.
    """
    zone = Clinic.current().zone
    soonest = (now + visit.lead).astimezone(zone).date()
    end = now.astimezone(zone).date() + DAY * (visit.horizon_days + 1)
    far = DAY * max(AT_LEAST, min(AT_MOST, LOOKED_THROUGH // len(practitioners)))
    start, before, around = (_day(asked, name) for name in ("from", "before", "day"))
    is_around = around is not None and start is None and before is None
    start = max(soonest, min(end, start or around or soonest))
    if start == end:
        before = end
    if before is not None and before > soonest:
        before = min(before, end)
        first, last = max(soonest, before - far), before - DAY
    else:
        before, last = None, min(end, start + far) - DAY
        first = max(soonest, min(start, last + DAY - far)) if is_around else start
    by_id = calendars.between(practitioners, first, last, zone=zone, without=without)
    # Who moves an appointment chooses another time than the one that it has.
    present = without.slot if without else None

    def some(first: date, last: date, *, backward: bool = False) -> list[Day]:
        found = free_days(by_id.values(), visit, now=now, first=first, last=last, backward=backward)
        others = ((day, [slot for slot in slots if slot != present]) for day, slots in found)
        # One more than the page holds, to know whether there are others.
        return [Day(day, slots) for day, slots in islice((each for each in others if each[1]), DAYS + 1)]

    def within(day: date) -> date | None:
        return day if soonest < day < end else None

    if before is None:
        found = some(start, last)
        if found or not is_around or last + DAY < end:
            later = found[DAYS].date if len(found) > DAYS else last + DAY
            # Before the first day that can be chosen there is nothing to lead to.
            earlier = soonest if start == soonest else found[0].date if found else start
            place = ("from", start.isoformat())
            return Page(found[:DAYS], start, last, place, within(earlier), within(later))
        before = end
    found = some(first, before - DAY, backward=True)
    days = found[:DAYS][::-1]
    earlier = days[0].date if len(found) > DAYS else first
    return Page(days, first, before - DAY, ("before", before.isoformat()), within(earlier), within(before))


def _day(asked: Mapping[str, str], name: str) -> date | None:
    """The day that an address names; None where it names none."""
    try:
        return date.fromisoformat(asked.get(name, ""))
    except ValueError:
        return None
