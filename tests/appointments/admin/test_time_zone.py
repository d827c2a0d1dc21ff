"""Working hours are read by the clinic's clocks: another time zone takes times away, and says whose first."""

from datetime import date

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.models import Appointment, Practitioner
from clinic.accounts import roles
from clinic.models import Clinic
from tests import make
from tests.appointments.admin.test_schedule import hidden

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
ADDRESS = "/admin/clinic/clinic/1/change/"


@pytest.fixture(autouse=True)
def monday_noon():
    make.clinic(street="7 Maple Street", city="Albany", state="NY", postal_code="12207", email="desk@maple.org")
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
        yield


@pytest.fixture
def manager(client):
    client.force_login(make.user(roles.MANAGER))
    return client


@pytest.fixture
def doctor() -> Practitioner:
    return make.practitioner("Jane Doe, MD")


def booked(practitioner: Practitioner, place: int, **fields) -> Appointment:
    slot = make.slots(practitioner, TUESDAY)[place]
    return appointments.book(inquiry=make.inquiry(**fields), slot=slot, by=Actor.visitor())


def form(zone: str = "America/Chicago", **changes: str) -> dict[str, str]:
    """What the clinic's form posts."""
    none = {
        f"{rows}-{which}_FORMS": "0"
        for rows in ("opening_hours", "social_links", "language_lines")
        for which in ("TOTAL", "INITIAL")
    }
    return {
        "name": "Maple Spine Clinic", "phone": "(646) 555-0111", "after_hours_phone": "(646) 555-0122",
        "street": "7 Maple Street", "city": "Albany", "state": "NY", "postal_code": "12207", "country": "US",
        "email": "desk@maple.org", "time_zone": zone, "time_zone_confirmed": "on",
        "reschedules_allowed": "3", "late_hours": "24", "pauses_from": "6", "idle_minutes": "15",
        "_save": "Save", **none, **changes,
    }  # fmt: skip


def test_whose_time_no_longer_lies_within_the_hours_is_shown_and_nothing_is_saved(manager, doctor):
    booked(doctor, 0, name="Early Edith", phone="212 555 0177")
    booked(doctor, 5, name="Later Lind")

    html = manager.post(ADDRESS, form()).text

    assert "This takes the time of 1 patient" in html
    for words in ("Early Edith", "212 555 0177", "Tue, Nov. 24, 2026, 9 a.m."):
        assert words in html
    assert "Later Lind" not in html
    assert Clinic.current().time_zone == "America/New_York"
    assert not Appointment.objects.exclude(displaced_at=None).exists()


def test_confirming_saves_and_puts_them_on_the_list(manager, doctor):
    lost, kept = booked(doctor, 0), booked(doctor, 5)

    answer = manager.post(ADDRESS, hidden(manager.post(ADDRESS, form()).text, ADDRESS), follow=True).text

    assert Clinic.current().time_zone == "America/Chicago"
    assert [*Appointment.objects.exclude(displaced_at=None)] == [lost]
    assert "1 patient is on the list of displaced patients now." in answer
    assert "1 appointment to come stays at its moment, but its time reads differently now" in answer
    kept.refresh_from_db()
    assert kept.displaced_at is None


def test_the_zone_as_it_was_gives_their_times_back(manager, doctor):
    lost = booked(doctor, 0)
    manager.post(ADDRESS, hidden(manager.post(ADDRESS, form()).text, ADDRESS))

    manager.post(ADDRESS, form("America/New_York"))

    lost.refresh_from_db()
    assert lost.displaced_at is None


def test_a_zone_with_the_same_clocks_moves_nothing(manager, doctor):
    booked(doctor, 0)

    answer = manager.post(ADDRESS, form("America/Toronto"), follow=True).text

    assert Clinic.current().time_zone == "America/Toronto"
    assert "reads differently now" not in answer


def test_whatever_else_is_changed_locks_nobodys_calendar(manager, doctor):
    booked(doctor, 0)

    with CaptureQueriesContext(connection) as queries:
        answer = manager.post(ADDRESS, form("America/New_York", phone="(646) 555-0199"), follow=True).text

    assert Clinic.current().phone == "(646) 555-0199"
    assert [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]] == []
    assert "reads differently now" not in answer


def test_whoever_may_not_see_inquiries_reads_no_names(client, doctor):
    booked(doctor, 0, name="Early Edith", phone="212 555 0177")
    owner = make.user()
    owner.user_permissions.add(Permission.objects.get(codename="change_clinic"))
    client.force_login(owner)

    html = client.post(ADDRESS, form()).text

    assert "This takes the time of 1 patient" in html
    assert "Edith" not in html
    assert "0177" not in html
