"""Each figure is what happened, and leads to exactly its rows."""

from datetime import date, timedelta

import pytest

from appointments.actors import Actor
from appointments.bookings import appointments, statuses
from appointments.models import Appointment, Closure
from appointments.records.reports import figures
from appointments.records.reports.figures import FIGURES
from appointments.records.reports.periods import Period
from clinic.models import Clinic
from tests import make
from tests.appointments.records.reports.november import NOW, NUMBERS, November, at, moment
from tests.shared_rows import shared

pytestmark = [pytest.mark.django_db, pytest.mark.own_moment]

MONTH = Period.month_of(date(2026, 11, 1))


@pytest.fixture(scope="module")
def month(rows_of_migrations, django_db_blocker):
    with shared(django_db_blocker, November.with_a_clinic) as built:
        yield built


@pytest.fixture
def november(month, db):
    with at(NOW):
        yield month


def test_each_figure_counts_what_happened(november):
    assert figures.numbers(MONTH) == {None: NUMBERS}


@pytest.mark.parametrize("by", ["", "practitioner", "visit_type", "procedure"])
def test_each_number_is_the_length_of_its_list(november, by):
    groups = figures.numbers(MONTH, by)

    listed = {
        group: {name: figures.rows(figure, MONTH, by=by, of=group).count() for name, figure in FIGURES.items()}
        for group in groups
    }

    assert groups == listed
    assert {name: sum(group[name] for group in groups.values()) for name in FIGURES} == NUMBERS


@pytest.mark.parametrize(("by", "asked", "given"), [("practitioner", 1, 6), ("visit_type", 1, 6), ("procedure", 1, 4)])
def test_the_groups_tell_apart_whose_the_rows_are(november, by, asked, given):
    counted = figures.numbers(MONTH, by)

    of_theirs = counted[november.groups[by]]
    assert (of_theirs["asked"], of_theirs["given"]) == (asked, given)
    assert counted[None]["asked"] == NUMBERS["asked"] - asked


def test_an_inquiry_without_a_time_is_whose_time_was_asked_for(november):
    wished = november.slot("2026-11-27 11:00")
    inquiry = make.inquiry(sent=timedelta(days=2))
    inquiry.set_wish(wished)
    inquiry.save()

    assert figures.numbers(MONTH, "practitioner")[november.doctor.pk]["asked"] == 2


def test_a_list_holds_the_rows_that_its_words_name(november):
    def who(name: str) -> list[str]:
        return sorted(row.name for row in figures.rows(FIGURES[name], MONTH))

    assert who("late") == ["Called twice", "Forgotten", "Taken back"]
    assert who("in_time") == ["At once", "Mailed", "Online", "Voicemail", "Wrote back"]
    assert who("by_calls") == ["Called twice"]
    assert who("nobody") == ["Closed", "Forgotten"]
    filled = figures.rows(FIGURES["filled"], MONTH).get()
    assert (filled.inquiry.name, filled.starts_at) == ("In good time", moment("2026-11-24 13:00"))


def test_weeks_add_up_to_the_month_that_they_lie_in(november):
    weeks = figures.by_week(Period.weeks_until(date(2026, 11, 25)))

    assert len(weeks) == 12
    assert max(weeks) == date(2026, 11, 23)
    assert weeks[date(2026, 11, 23)] == {
        "noshow": 1, "cancelled_late": 1, "given": 6, "filled": 1, "freed": 4, "in_time": 0, "asked": 1,
    }  # fmt: skip
    assert weeks[date(2026, 11, 16)]["in_time"] == NUMBERS["in_time"]


def test_each_number_of_a_week_is_the_length_of_its_list(november):
    weeks = figures.by_week(Period.weeks_until(date(2026, 11, 25)))

    listed = {
        week: {name: figures.rows(FIGURES[name], Period.week_of(week)).count() for name in numbers}
        for week, numbers in weeks.items()
    }

    assert weeks == listed


def test_a_month_begins_and_ends_at_midnight_in_the_clinic(november):
    Clinic.objects.update(time_zone="Pacific/Auckland")
    Clinic.forget()

    # There, 11:59 p.m. of October 31 in New York is in November.
    assert figures.numbers(MONTH)[None]["asked"] == NUMBERS["asked"] + 1


def test_half_of_the_first_answers_came_within_the_median_of_opening_hours(november):
    # 0, 1, 1, 2, 9, 16 and 16 hours.
    assert figures.medians(MONTH) == {None: timedelta(hours=2)}


def test_a_closure_is_no_time_in_which_we_let_somebody_wait(november):
    period = {"starts_at": moment("2026-11-18 09:00"), "ends_at": moment("2026-11-18 11:30")}
    Closure.objects.create(name="Power cut", **period)

    assert figures.medians(MONTH) == {None: timedelta(hours=1)}


def test_medians_stand_for_each_group(november):
    found = figures.medians(MONTH, "practitioner")

    assert found[november.doctor.pk] == timedelta(0)
    assert found[None] == timedelta(hours=5, minutes=30)


def test_nothing_is_counted_of_a_month_in_which_nothing_happened(november):
    assert figures.numbers(Period.month_of(date(2026, 7, 1))) == {}
    assert figures.medians(Period.month_of(date(2026, 7, 1))) == {}


def test_a_time_that_a_closure_took_was_free_for_nobody(november):
    Appointment.objects.filter(inquiry__name="Moved", starts_at=moment("2026-11-27 10:00")).update(
        displaced_at=moment("2026-11-25 11:00")
    )
    moved = Appointment.objects.get(starts_at=moment("2026-11-27 10:00"))
    slot = november.slot("2026-11-30 10:00")

    appointments.reschedule(appointment=moved, slot=slot, by=Actor.staff(make.front_desk()))

    assert figures.numbers(MONTH)[None]["freed"] == NUMBERS["freed"]


def test_a_time_that_two_people_gave_up_was_freed_once(november):
    for _ in range(2):
        given = appointments.give(
            inquiry=make.inquiry(sent=timedelta(days=60)), slot=november.slot("2026-11-27 15:00"), by=november.desk
        )
        statuses.cancel(appointment=given, by=Actor.visitor())

    assert figures.numbers(MONTH)[None]["freed"] == NUMBERS["freed"] + 1
