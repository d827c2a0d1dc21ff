"""All that the agenda shows of some days, read with seven statements, however many people work there."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Case, OuterRef, Q, Subquery, When
from django.utils.translation import gettext

from appointments.admin.agenda.stretches import Held, Taken
from appointments.models import (
    Appointment,
    AppointmentStatus,
    BusyBlock,
    Closure,
    Practitioner,
    Schedule,
    WorkingHours,
)
from appointments.models.appointment import LONGEST_APPOINTMENT
from appointments.models.log import Note
from appointments.slots import Calendar, WorkingPeriod, every_week
from clinic.hours import Period
from clinic.models import Clinic

DAY = timedelta(days=1)
# No pause after a visit is longer.
LONGEST_PAUSE = timedelta(hours=4)


class Given(NamedTuple):
    """A visit, or what is held or offered, in what all pages need of it; `patient` is the name that may be mixed up."""

    practitioner_id: int
    starts_at: datetime
    ends_at: datetime
    blocked_until: datetime
    status: str
    pk: int
    inquiry_id: int
    patient: str


@dataclass(frozen=True)
class Reading:
    """Practitioners, in the clinic's order, with what some days have for each of them."""

    now: datetime
    zone: ZoneInfo
    days: Sequence[date]
    people: Sequence[Practitioner]
    schedules: Sequence[Schedule]
    hours: dict[int, list[WorkingPeriod]]
    closures: Sequence[Closure]
    busy: dict[int, list[Taken]]
    given: dict[int, list[Given]]
    # About to move: it takes no time from anybody.
    moving: Appointment | None = None

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def given_on(self, person: int, day: date) -> list[Given]:
        return [each for each in self.given[person] if self.day_of(each.starts_at) == day]

    @cached_property
    def _names(self) -> dict[date, Counter[str]]:
        by_day: dict[date, set[tuple[str, int]]] = defaultdict(set)
        for given in self.given.values():
            for each in given:
                by_day[self.day_of(each.starts_at)].add((each.patient, each.inquiry_id))
        return {day: Counter(name for name, _inquiry in people) for day, people in by_day.items()}

    def names_on(self, day: date) -> Counter[str]:
        """How many patients of a day have each name; who has two times of one inquiry counts once."""
        return self._names.get(day, Counter())

    def at_work(self, person: int, day: date) -> list[Period]:
        """The practitioner's working hours on a day, in turn."""
        there = sorted(each for each in self.hours[person] if each.holds_on(day))
        return [Period(self._moment(day, each.opens), self._moment(day, each.closes)) for each in there]

    def _moment(self, day: date, wall: time) -> datetime:
        return datetime.combine(day, wall, self.zone).astimezone(UTC)

    def held(self, person: int) -> list[Held]:
        """The times that are kept from everybody else."""
        holding, moving = AppointmentStatus.holding_time(), self.moving.pk if self.moving else None
        return [
            Held(each.starts_at, each.ends_at, each.blocked_until)
            for each in self.given[person]
            if each.status in holding and each.pk != moving
        ]

    def closed(self, person: int) -> list[Taken]:
        return [Taken(each.period, each.name) for each in self.closures if each.practitioner_id in (None, person)]

    @cached_property
    def calendars(self) -> dict[int, Calendar]:
        """The same calendars, by practitioner, as scheduling.calendars reads, of the rows that are here."""
        return {person.pk: self._calendar(person.pk) for person in self.people}

    def _calendar(self, person: int) -> Calendar:
        taken = [
            *(each.period for each in self.closed(person)),
            *(each.period for each in self.busy[person]),
            *(Period(each.starts_at, each.blocked_until) for each in self.held(person)),
        ]
        return Calendar(person, self.zone, self.hours[person], taken)

    @cached_property
    def kinds(self) -> dict[int, list[Schedule]]:
        """By practitioner, what they see patients for, in the order of the kinds of visits."""
        found: dict[int, list[Schedule]] = defaultdict(list)
        for each in sorted(self.schedules, key=lambda row: (row.visit_type.position, row.visit_type.name)):
            found[each.practitioner_id].append(each)
        return found

    def visits_of(self, people: Iterable[int]) -> dict[tuple[int, date], list[Appointment]]:
        """
        The visits of these practitioners by day, each with its patient; one statement more.

        Each has the newest `note` about them, and `here_since` where they have arrived.
        """
        notes = Note.objects.standing().filter(inquiry=OuterRef("inquiry")).order_by("-created_at", "-pk")
        arrivals = Appointment.events.rel.related_model.objects.filter(
            pgh_obj=OuterRef("pk"), status=AppointmentStatus.ARRIVED
        )
        here = Subquery(arrivals.order_by("-pgh_id").values("pgh_created_at")[:1])
        rows = Appointment.objects.filter(pk__in=[each.pk for person in people for each in self.given[person]])
        rows = rows.select_related("inquiry", "visit_type").defer("inquiry__message", "inquiry__search_words")
        rows = rows.annotate(
            note=Subquery(notes.values("words")[:1]),
            here_since=Case(When(status=AppointmentStatus.ARRIVED, then=here)),
        )
        found: dict[tuple[int, date], list[Appointment]] = defaultdict(list)
        for each in rows.order_by("starts_at", "pk"):
            found[each.practitioner_id, self.day_of(each.starts_at)].append(each)
        return found


def name_of(name: str, patient_name: str) -> str:
    """The patient's name, by which two of one day are mixed up."""
    return " ".join((patient_name or name).casefold().split())


def read(days: Sequence[date], *, now: datetime, moving: Appointment | None = None) -> Reading:
    zone = Clinic.current().zone
    start = datetime.combine(days[0], time(), zone)
    end = datetime.combine(days[-1] + DAY, time(), zone) + LONGEST_PAUSE
    given: dict[int, list[Given]] = defaultdict(list)
    for row in _given(start, end, now):
        given[row.practitioner_id].append(row)
    hours: dict[int, list[WorkingPeriod]] = defaultdict(list)
    rows = WorkingHours.objects.filter(practitioner__is_active=True).order_by()
    for pk, *period in rows.values_list("practitioner_id", *WorkingPeriod._fields):
        hours[pk].append(WorkingPeriod(*period))
    busy: dict[int, list[Taken]] = defaultdict(list)
    for pk, taken in _busy(start, end, zone):
        busy[pk].append(taken)
    return Reading(
        now=now,
        zone=zone,
        days=days,
        # Who has left may have patients whose times are to be moved.
        people=[each for each in Practitioner.objects.all() if each.is_active or given[each.pk]],
        schedules=list(Schedule.objects.for_staff()),
        hours=hours,
        closures=list(Closure.objects.filter(starts_at__lt=end, ends_at__gt=start)),
        busy=busy,
        given=given,
        moving=moving,
    )


def _given(start: datetime, end: datetime, now: datetime) -> Iterator[Given]:
    """What was given, held or offered on these days."""
    rows = Appointment.objects.not_expired(now).exclude(status=AppointmentStatus.CANCELLED)
    # With both ends of starts_at its index leads straight to these days.
    rows = rows.filter(starts_at__gt=start - LONGEST_APPOINTMENT, starts_at__lt=end, blocked_until__gt=start)
    names = ("inquiry__name", "inquiry__patient_name")
    for *row, name, patient_name in rows.order_by("starts_at", "pk").values_list(*Given._fields[:-1], *names):
        yield Given._make([*row, name_of(name, patient_name)])


def _busy(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[int, Taken]]:
    blocks = BusyBlock.objects.filter(Q(is_weekly=True) | Q(ends_at__gt=start), starts_at__lt=end).order_by("starts_at")
    for each in blocks:
        period = Period(each.starts_at, each.ends_at)
        words = ", ".join(filter(None, (each.words, gettext("every week") if each.is_weekly else "")))
        for one in every_week(period, start, end, zone) if each.is_weekly else [period]:
            yield each.practitioner_id, Taken(one, words)
