"""How long somebody waits who asks now: the third next free first visit of each practitioner."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.utils import timezone

from appointments.models import Practitioner, Schedule
from appointments.scheduling import calendars
from appointments.slots import Slot, beside_each_other
from clinic.models import Clinic

# The next one may be somebody's cancellation of this morning: the third says how full the calendar is.
THIRD = 3
# Nobody is told a wait of more than half a year.
LOOKED_THROUGH = timedelta(days=182)


@dataclass(frozen=True)
class Wait:
    """The next free first visits with one practitioner, at most THIRD."""

    practitioner: str
    visit_type: str
    slots: list[Slot]
    asked_at: datetime

    @property
    def third(self) -> Slot | None:
        return self.slots[-1] if len(self.slots) == THIRD else None

    @property
    def days(self) -> int | None:
        """How many days from now the third one lies; None where there are not so many."""
        if self.third is None:
            return None
        zone = Clinic.current().zone
        return (self.third.starts_at.astimezone(zone).date() - self.asked_at.astimezone(zone).date()).days


def waits() -> list[Wait]:
    """Of each who sees patients here and has a first visit; four statements."""
    now, zone = timezone.now(), Clinic.current().zone
    schedules = _first_visits(Schedule.objects.for_staff().order_by("visit_type__position", "visit_type__name"))
    people = [person for person in Practitioner.objects.active() if person.pk in schedules]
    first = now.astimezone(zone).date()
    last = first + LOOKED_THROUGH
    by_id = calendars.between([person.pk for person in people], first, last, zone=zone)
    found = []
    for person in people:
        visit = schedules[person.pk].visit_type
        free = by_id[person.pk].slots(visit.rules, now=now, first=first, last=last)
        found.append(Wait(person.name, visit.name, list(islice(beside_each_other(free), THIRD)), now))
    return found


def _first_visits(schedules: Iterable[Schedule]) -> dict[int, Schedule]:
    """Of each practitioner the first kind of visit that patients may choose, or else the first one of all."""
    found: dict[int, Schedule] = {}
    for each in schedules:
        known = found.get(each.practitioner_id)
        if known is None or (each.visit_type.patients_may_choose and not known.visit_type.patients_may_choose):
            found[each.practitioner_id] = each
    return found
