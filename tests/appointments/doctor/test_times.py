"""What the doctor says of given times and of what the manager has to decide."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import displacement
from appointments.doctor import times
from appointments.models import Appointment, Closure, Inquiry, OpenHoliday, WorkingHours
from appointments.scheduling import holidays
from clinic.accounts import roles
from clinic.models import Clinic, Proof, ProofKind
from tests import make

pytestmark = pytest.mark.django_db


def said(function) -> list[tuple[str, str]]:
    return [(each.severity.name, each.words) for each in function(timezone.now())]


@pytest.fixture
def monday_noon():
    with time_machine.travel("2026-11-23T17:00:00+00:00", tick=False):
        make.clinic(holidays_of="US-NY")
        yield


def test_a_time_that_was_given_twice():
    """The database refuses it as long as its constraint is there."""
    first = make.appointment()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE appointments_appointment DROP CONSTRAINT no_two_bookings_of_a_practitioner_overlap")
    whose = {"practitioner": first.practitioner, "visit_type": first.visit_type}
    others = {"starts_at": (first.starts_at + timedelta(minutes=30)).isoformat(), **whose}
    make.appointment(**others)
    assert said(times.overlapping_times) == []

    second = make.appointment(starts_at=(first.starts_at + timedelta(minutes=15)).isoformat(), **whose)

    assert [severity for severity, _words in said(times.overlapping_times)] == ["ERROR"]
    Appointment.objects.filter(pk=second.pk).update(overbooked=True, overbook_reason="Urgent")
    assert said(times.overlapping_times) == []


class TestOutsideHours:
    def test_hours_that_were_changed_beside_the_site(self, monday_noon):
        make.appointment(starts_at="2026-11-24T15:00:00+00:00")
        assert said(times.times_outside_hours) == []

        WorkingHours.objects.update(opens="12:00")

        [found] = times.times_outside_hours(timezone.now())
        assert found.words == "1 appointment lies outside the hours, and nobody is told."
        assert (
            found.to_do
            == f"Move or cancel them; the first is Tue, Nov. 24, 10:00, {Appointment.objects.get().practitioner}."
        )

    def test_clocks_that_a_government_changed(self, monday_noon):
        """Like new zone data: the hours stay at nine, and nine is another moment."""
        make.appointment(starts_at="2026-11-24T14:00:00+00:00")

        Clinic.objects.update(time_zone="America/Chicago")

        assert said(times.times_outside_hours) == [
            ("ERROR", "1 appointment lies outside the hours, and nobody is told.")
        ]

    def test_whom_the_desk_knows_of_or_put_there_on_purpose_is_left_out(self, monday_noon):
        displaced = make.appointment(starts_at="2026-11-24T15:00:00+00:00")
        with displacement.changing_hours(by=Actor.system()):
            Closure.objects.create(
                name="Ill", starts_at=displaced.starts_at, ends_at=displaced.ends_at + timedelta(hours=1)
            )
        make.appointment(starts_at="2026-11-24T02:00:00+00:00", overbooked=True, overbook_reason="Urgent")

        assert said(times.times_outside_hours) == []


def test_nobody_to_see():
    assert [severity for severity, _words in said(times.nobody_to_see)] == ["WARNING"]
    make.practitioner()
    assert said(times.nobody_to_see) == []


class TestOldCalendar:
    def test_times_online_beside_another_calendar(self):
        make.practitioner(online=False)
        assert said(times.old_calendar) == []

        make.practitioner(online=True)

        assert said(times.old_calendar) == [
            ("WARNING", "Times can be chosen online, and no appointments of before were brought in.")
        ]

    def test_it_was_brought_in(self):
        make.practitioner()
        make.appointment()
        Inquiry.objects.update(source="file")

        assert said(times.old_calendar) == []

    def test_there_is_none(self):
        make.practitioner()
        Proof.objects.create(kind=ProofKind.NOTHING_TO_BRING_IN)

        assert said(times.old_calendar) == []


class TestHolidays:
    def test_no_region(self):
        make.clinic()

        assert said(times.undecided_holidays) == [
            ("WARNING", "Nobody has entered which region’s public holidays are the clinic’s.")
        ]

    def test_each_wants_a_closure_or_a_decision(self, monday_noon):
        def asked() -> list[str]:
            return [words.partition(": ")[2] for _severity, words in said(times.undecided_holidays)]

        assert asked() == [
            "Thanksgiving Day (Nov. 26), Christmas Day (Dec. 25), New Year's Day (Jan. 1), "
            "Martin Luther King Jr. Day (Jan. 18)."
        ]
        coming = holidays.coming("US-NY", date(2026, 11, 23), date(2027, 1, 31), Clinic.current().zone)
        displacement.close_on(coming[:2], by=Actor.system())
        holidays.open_on([date(2027, 1, 1)])
        assert asked() == ["Martin Luther King Jr. Day (Jan. 18)."]

        OpenHoliday.objects.create(day=date(2027, 1, 18))

        assert asked() == []

    def test_as_far_ahead_as_patients_may_choose(self, monday_noon):
        make.visit_type(horizon_days=120)
        closed = holidays.coming("US-NY", date(2026, 11, 23), date(2027, 1, 31), Clinic.current().zone)
        displacement.close_on(closed, by=Actor.system())

        [(_severity, words)] = said(times.undecided_holidays)

        assert words.startswith("Nobody has decided whether the clinic is open: Lincoln's Birthday (Feb. 12), ")

    def test_the_first_page_names_them_to_who_decides_and_to_nobody_else(self, monday_noon, client):
        def shown(role: str) -> list[str]:
            client.force_login(make.user(role))
            html = client.get("/admin/").content.decode()
            return re.findall(r"Nobody has decided whether the clinic is open: ([^<]+) <a href=\"([^\"]+)\">", html)

        where = "/admin/appointments/closure/public-holidays/"
        assert [(days.count("Christmas Day (Dec. 25)"), at) for days, at in shown(roles.MANAGER)] == [(1, where)]
        assert shown(roles.FRONT_DESK) == []
        closed = holidays.coming("US-NY", date(2026, 11, 23), date(2027, 1, 31), Clinic.current().zone)
        displacement.close_on(closed, by=Actor.system())

        assert shown(roles.MANAGER) == []
