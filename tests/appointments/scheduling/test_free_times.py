"""Pages of free times: some days each, computed no further than they reach, and together all that is free."""

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from appointments.models import Appointment, AppointmentStatus, BusyBlock, Closure, Schedule
from appointments.scheduling import calendars, free_times
from appointments.scheduling.free_times import DAYS, FreeTimes
from appointments.slots import Calendar, Slot, VisitRules, WorkingPeriod, every_week, free_days
from clinic.hours import Period
from tests import make

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = date(2026, 10, 26)  # In the week after, clocks are set back on Sunday.
NOW = datetime(2026, 10, 26, 16, tzinfo=UTC)  # noon in New York


@pytest.fixture
def monday_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def find(**asked: str) -> FreeTimes:
    return free_times.find(list(Schedule.objects.online()), asked, now=timezone.now())


def all_pages(found: FreeTimes, way: str) -> list[FreeTimes]:
    """This page and those that its link leads to, one after the other."""
    pages = [found]
    while address := getattr(pages[-1], way):
        pages.append(find(**dict(parse_qsl(address))))
    return pages


def days_of(pages: list[FreeTimes]) -> list[tuple[date, list[Slot]]]:
    return [(day.date, list(day.slots)) for found in pages for day in found.page.days]


def computed_at_once() -> list[tuple[date, list[Slot]]]:
    """All that is free, from each practitioner's calendar of the whole time in which times may be chosen."""
    schedules = list(Schedule.objects.online())
    visit, last = schedules[0].visit_type.rules, MONDAY + timedelta(days=schedules[0].visit_type.horizon_days)
    by_id = calendars.between([each.practitioner_id for each in schedules], MONDAY, last, zone=NEW_YORK)
    slots = [slot for each in by_id.values() for slot in each.slots(visit, now=NOW, first=MONDAY, last=last)]
    days: dict[date, list[Slot]] = {}
    for slot in sorted(slots):
        days.setdefault(slot.starts_at.astimezone(NEW_YORK).date(), []).append(slot)
    return list(days.items())


@pytest.fixture
def clinic(request, monday_noon, db):
    """Practitioners with weekly meetings, closures, appointments, and hours that differ."""
    practitioners, visit = request.param
    about = make.visit_type(**{"lead_hours": 24, "buffer_minutes": 10, "horizon_days": 300} | visit)
    inquiry = make.inquiry()
    for number in range(practitioners):
        doctor = make.practitioner(visit=about)
        # One sees patients on two days a week, the next on three, and so on.
        doctor.working_hours.exclude(weekday__in=range(number % 4, number % 4 + 2 + number % 3)).delete()
        morning = datetime(2026, 9, 1 + number % 28, 9, tzinfo=NEW_YORK)
        BusyBlock.objects.create(
            practitioner=doctor, starts_at=morning, ends_at=morning + timedelta(hours=3), is_weekly=True
        )
        made = []
        for day in range(0, 280, 3 + number % 5):
            starts_at = datetime.combine(MONDAY + timedelta(days=day), time(13), NEW_YORK)
            slot = Slot.starting_at(starts_at, about.rules, doctor.pk)
            # Done, so that one inquiry can have them all: it is about the times.
            done = Appointment(inquiry=inquiry, status=AppointmentStatus.FULFILLED)
            done.set_slot(slot, NOW)
            made.append(done)
        Appointment.objects.bulk_create(made)
    for first, days in ((5, 3), (40, 24), (150, 70)):
        starts_at = datetime.combine(MONDAY + timedelta(days=first), time(12), NEW_YORK)
        Closure.objects.create(name="Closed", starts_at=starts_at, ends_at=starts_at + timedelta(days=days))


CLINICS = pytest.mark.parametrize(
    "clinic",
    [(1, {}), (3, {}), (3, {"lead_hours": 0, "minutes": 45}), (3, {"horizon_days": 0}), (3, {"horizon_days": 1})],
    indirect=True,
    ids=str,
)


@CLINICS
@pytest.mark.parametrize("looked_through", [420, 60, 1])
def test_forward_and_backward_the_pages_show_each_free_day_once_as_if_computed_at_once(
    clinic, looked_through, monkeypatch
):
    """Also where a page looks through less than the days that it could show."""
    monkeypatch.setattr(free_times, "LOOKED_THROUGH", looked_through)
    free = computed_at_once()

    forward = all_pages(find(), "later")
    backward = all_pages(find(before=(MONDAY + timedelta(days=400)).isoformat()), "earlier")

    assert days_of(forward) == free
    assert days_of(backward[::-1]) == free
    assert max(len(found.page.days) for found in (*forward, *backward)) <= DAYS


@pytest.mark.parametrize("clinic", [(3, {})], indirect=True)
def test_whoever_goes_on_and_back_sees_the_same_days_again(clinic):
    for page, following in zip(pages := all_pages(find(), "later"), pages[1:], strict=False):
        back = find(**dict(parse_qsl(following.earlier)))
        while page.page.days and not back.page.days:
            back = find(**dict(parse_qsl(back.earlier)))
        assert days_of([back])[-len(page.page.days) :] == days_of([page])


@pytest.mark.parametrize("clinic", [(2, {})], indirect=True)
def test_a_page_computes_no_day_past_the_next_one_that_is_free(clinic, monkeypatch):
    computed: list[date] = []
    slots = Calendar.slots

    def watched(self, visit, *, now, first, last):
        computed.append(first)
        return slots(self, visit, now=now, first=first, last=last)

    monkeypatch.setattr(Calendar, "slots", watched)

    forward = find()
    assert (computed[0], computed[-1]) == (forward.page.first, forward.page.later)
    computed.clear()
    backward = find(before="2027-03-20")

    first, last = computed[-1], computed[0]

    # The last that is computed is the one with which the page before ends.
    before = find(before=backward.page.earlier.isoformat())
    assert (first, last) == (before.page.days[-1].date, date(2027, 3, 19))
    assert len(forward.page.days) == len(backward.page.days) == DAYS


@given(
    hours=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 20), st.integers(1, 3)), min_size=1, max_size=4),
    closed=st.lists(st.tuples(st.integers(0, 40 * 24), st.integers(1, 200)), max_size=5),
    weekly=st.lists(st.tuples(st.integers(-30 * 24, 10 * 24), st.integers(1, 30)), max_size=3),
    minutes=st.sampled_from([20, 30, 90]),
    pause=st.sampled_from([0, 10]),
    lead=st.integers(0, 60),
    days=st.integers(0, 40),
    backward=st.booleans(),
)
@example([(6, 0, 3)], [], [(6 * 24 + 1, 1)], 30, 0, 0, 14, True)
def test_days_one_by_one_are_the_days_of_all_at_once(hours, closed, weekly, minutes, pause, lead, days, backward):
    visit = VisitRules(1, minutes, pause, timedelta(hours=lead), 35)
    start = datetime.combine(MONDAY, time(), NEW_YORK)
    end = start + timedelta(days=days + 2)

    def period(begins: int, lasts: int) -> Period:
        begin = (start + timedelta(hours=begins)).astimezone(UTC)
        return Period(begin, begin + timedelta(hours=lasts))

    taken = [period(*each) for each in closed]
    for each in weekly:
        taken += every_week(period(*each), start, end, NEW_YORK)
    both = [
        Calendar(pk, NEW_YORK, [WorkingPeriod(day, time(at), time(at + lasts))], taken if pk % 2 else [])
        for pk, (day, at, lasts) in enumerate(hours)
    ]
    last = MONDAY + timedelta(days=days)

    found = list(free_days(both, visit, now=NOW, first=MONDAY, last=last, backward=backward))

    at_once = sorted(slot for each in both for slot in each.slots(visit, now=NOW, first=MONDAY, last=last))
    in_order = found[::-1] if backward else found
    assert [slot for _day, slots in in_order for slot in slots] == at_once
    assert [day for day, _slots in in_order] == sorted({slot.starts_at.astimezone(NEW_YORK).date() for slot in at_once})


@pytest.mark.django_db
def test_staff_see_that_later_days_are_a_page_away(monday_noon):
    make.practitioner(visit=make.visit_type(horizon_days=0))

    found = free_times.find(list(Schedule.objects.for_staff()), {}, now=NOW, for_staff=True)

    assert days_of([found])[0][0] == MONDAY
    assert found.page.later == MONDAY + timedelta(days=7)
