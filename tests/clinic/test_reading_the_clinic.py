"""One request reads the clinic once; the next one sees what has changed since."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import practice
from clinic.accounts import roles
from clinic.models import Clinic
from clinic.templatetags import site
from tests import make

pytestmark = pytest.mark.django_db


def statements(client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured]


def of_the_clinic(statements: list[str]) -> list[str]:
    """Those that read the clinic's row; whether online choosing is paused, others ask along with what they read."""
    return [each for each in statements if 'FROM "clinic_clinic"' in each and "EXISTS(" not in each]


@pytest.mark.parametrize(
    ("path", "alone", "all_in_all"),
    [
        ("/", 0, 5),
        ("/about/", 0, 3),
        ("/appointments/", 0, 3),
        ("/appointments/times/", 0, 4),
        ("/appointments/{key}/", 1, 8),
    ],
)
def test_a_page_for_visitors_reads_the_clinic_with_the_practice(client, path, alone, all_in_all):
    make.procedure()
    inquiry = make.appointment().inquiry

    asked = statements(client, path.format(key=inquiry.key))

    assert (len(of_the_clinic(asked)), len(asked)) == (alone, all_in_all)


def test_a_request_reads_the_practice_once_unless_the_clinic_is_saved(django_assert_num_queries):
    make.clinic(name="Oak Spine Clinic")
    with Clinic.read_once():
        with django_assert_num_queries(1):
            assert practice.current() is practice.current()
            assert Clinic.current() is practice.current().clinic

        make.clinic(name="Elm Spine Clinic")
        assert practice.current().clinic.name == "Elm Spine Clinic"


def test_what_was_made_of_the_practice_stays_until_the_database_says_something_else():
    make.clinic(name="Oak Spine Clinic")
    first = practice.current()
    assert practice.current().clinic is first.clinic

    with Clinic.read_once():
        Clinic.current()
        Clinic.objects.update(name="Elm Spine Clinic")
        assert practice.current().clinic.name == "Oak Spine Clinic"  # As this request has read it before.

    assert practice.current().clinic.name == "Elm Spine Clinic"
    make.clinic().opening_hours.create(weekday=2, opens="09:00", closes="12:00")
    assert practice.current().hours_lines == (("Wednesday", "9 a.m. to noon"),)


def test_what_a_request_draws_of_the_clinic_as_it_was_is_no_other_requests():
    make.clinic(phone="(212) 555-0100")
    with Clinic.read_once():
        Clinic.current()
        same = practice.current()
    assert same == practice.current()

    with Clinic.read_once():
        Clinic.current()
        Clinic.objects.update(phone="(212) 555-0199")
        before = site.drawn_once("clinic/_call.html", practice.current())
    after = site.drawn_once("clinic/_call.html", practice.current())

    assert ("0100" in before, "0199" in after) == (True, True)


def test_the_practice_and_the_clinic_of_a_request_are_the_same():
    make.clinic(name="Oak Spine Clinic")
    for first, second in ((practice.current, Clinic.current), (Clinic.current, practice.current)):
        with Clinic.read_once():
            first()
            Clinic.objects.update(name="Elm Spine Clinic")
            second()
            assert practice.current().clinic is Clinic.current()
            assert Clinic.current().name == "Oak Spine Clinic"
        Clinic.objects.update(name="Oak Spine Clinic")


@pytest.mark.parametrize(
    "name",
    ["index", "appointments_inquiry_changelist", "appointments_appointment_changelist", "clinic_notice_changelist"],
)
def test_a_page_for_staff_reads_the_clinic_once(admin_client, name):
    make.appointment()

    assert len(of_the_clinic(statements(admin_client, reverse(f"admin:{name}")))) == 1


def test_an_edit_shows_at_the_next_request(client):
    make.clinic(name="Oak Spine Clinic")
    assert "Oak Spine Clinic" in client.get("/").content.decode()

    Clinic.objects.update(name="Elm Spine Clinic")
    assert "Elm Spine Clinic" in client.get("/").content.decode()


def test_a_refused_edit_shows_in_the_form_only(client):
    make.clinic(name="Oak Spine Clinic")
    client.force_login(make.user(roles.MANAGER))

    page = client.post(reverse("admin:clinic_clinic_change", args=[1]), {"name": "Elm Spine Clinic"}).content.decode()

    assert 'value="Elm Spine Clinic"' in page
    assert page.count("Oak Spine Clinic") == 1


def test_what_a_request_saves_it_reads_anew():
    with Clinic.read_once():
        assert Clinic.current() is Clinic.current()

        make.clinic(name="Elm Spine Clinic")
        assert Clinic.current().name == "Elm Spine Clinic"
        Clinic.objects.update(name="Oak Spine Clinic")
        assert Clinic.current().name == "Oak Spine Clinic"


def test_after_a_request_that_failed_nothing_is_kept(admin_client, monkeypatch):
    monkeypatch.setattr(Clinic, "zone", property(lambda clinic: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        admin_client.get(reverse("admin:index"))

    for name in ("Oak Spine Clinic", "Elm Spine Clinic"):
        Clinic.objects.update(name=name)
        assert Clinic.current().name == name


def test_the_practices_clinic_is_the_stored_one_field_by_field():
    make.clinic(name="Oak Spine Clinic", keep_years=7, late_hours=48, costs="Bring your card.", parking="Behind it.")
    fields = [field.attname for field in Clinic._meta.concrete_fields]

    read, stored = practice.current().clinic, Clinic.stored()

    assert {name: getattr(read, name) for name in fields} == {name: getattr(stored, name) for name in fields}
    assert (read._state.adding, read._state.db) == (False, "default")
