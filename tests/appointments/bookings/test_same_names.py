"""Patients of one name on one day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from appointments.bookings.same_names import on_the_days_of, same_names
from appointments.models import AppointmentStatus
from tests import make

pytestmark = pytest.mark.django_db


def visit(name: str, days: int = 1, hour: int = 15, **fields):
    sender = fields.pop("sender", None) or make.inquiry(name=name, **fields.pop("of_sender", {}))
    begins = timezone.now().replace(hour=hour, minute=0) + timedelta(days=days)
    return make.appointment(sender, begins.isoformat(), **fields)


def test_those_of_one_name_on_one_day_are_marked_however_it_is_written():
    marked = [
        visit("Maria Garcia"),
        visit("García, María", hour=16),
        visit("Ana Garcia", hour=17, of_sender={"patient_name": "MARIA GARCIA"}),
    ]
    others = [visit("Ana Garcia", hour=18), visit("Maria Garcia", days=2)]

    assert same_names([*marked, *others]) == {row.pk for row in marked}


def test_one_inquiry_with_two_times_and_who_does_not_come_is_no_namesake():
    sender = make.inquiry(name="Maria Garcia")
    rows = [
        visit("", sender=sender, status=AppointmentStatus.FULFILLED),
        visit("", sender=sender, hour=16),
        visit("Maria Garcia", hour=17, status=AppointmentStatus.CANCELLED),
        visit("-", hour=18),
        visit("–", hour=19),
    ]

    assert same_names(rows) == set()


def test_a_page_of_a_list_is_compared_with_all_of_its_days(django_assert_num_queries):
    first, other = visit("Maria Garcia"), visit("Maria Garcia", hour=16)
    visit("Maria Garcia", days=3)

    with django_assert_num_queries(1):
        found = on_the_days_of([first])
    assert found == {first.pk, other.pk}
    assert on_the_days_of([]) == set()


def test_the_list_of_appointments_marks_them_with_the_end_of_the_phone(client):
    visit("Maria Garcia", of_sender={"phone": "212 555 0160"})
    visit("Maria Garcia", hour=16, of_sender={"phone": "212 555 0170"})
    visit("Ana Lind", hour=17)
    client.force_login(make.front_desk())

    page = client.get("/admin/appointments/appointment/").content.decode()

    assert page.count("⚠ Same name on this day") == 2
    assert [page.count(f"Same name on this day: phone …{digits}<") for digits in ("0160", "0170")] == [1, 1]
