"""Two times that one person may hold: seen at the desk, and by nobody else."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, statuses
from appointments.bookings.other_times import other_times
from appointments.models import AppointmentStatus
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db
LIST = "/admin/appointments/appointment/"


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk())
    return client


def found(inquiry) -> list:
    return list(other_times([inquiry], timezone.now()).get(inquiry.pk, []))


class TestWhoIsAlike:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"phone": "(212) 555-0123"}, {"phone": "+1 212 555 0123"}),
            ({"phone": "212 555 0123", "email": ""}, {"phone": "2125550123", "email": "x@example.com"}),
            ({"phone": "", "contact_by": "email", "email": "Rosa@Example.com"},
             {"phone": "646 555 0199", "email": "rosa@example.COM"}),
        ],
    )  # fmt: skip
    def test_the_same_phone_or_email_however_it_was_typed(self, one, other):
        theirs = make.appointment(make.inquiry(**other))

        assert found(make.inquiry(**one)) == [theirs]

    @pytest.mark.parametrize(
        "other",
        [{"phone": "212 555 0124"}, {"phone": "646 555 0199", "email": "ida@example.com"},
         {"phone": "", "email": "ida@example.com", "contact_by": "email"}],
    )  # fmt: skip
    def test_nobody_else(self, other):
        make.appointment(make.inquiry(**other))

        assert found(make.inquiry(phone="212 555 0123", email="rosa@example.com")) == []
        assert found(make.inquiry(phone="", email="rosa@example.com", contact_by="email")) == []

    def test_ones_own_time_is_no_other_and_a_cancelled_one_is_no_time(self):
        own = make.appointment()
        make.appointment(status=AppointmentStatus.CANCELLED)
        make.appointment(starts_at="2020-11-24T15:00:00+00:00")

        assert found(own.inquiry) == []


class TestDesk:
    def test_both_desks_and_the_list_lead_to_the_other_time(self, desk):
        one = make.appointment(make.inquiry(name="Rosa Lind", phone="212 555 0123"))
        other = make.appointment(make.inquiry(name="R. Lind", phone="(212) 555-0123"))
        alone = make.appointment(make.inquiry(phone="646 555 0199"))

        for here, there in ((one, other), (other, one)):
            page = desk.get(f"/admin/appointments/inquiry/{here.inquiry_id}/change/").content.decode()
            others = page.partition("The same person?")[2]
            line = re.search(r"<a href=\"([^\"]+)\">([^<]+)</a>.*?has ([^<]+) already", others)
            assert line[1] == f"/admin/appointments/inquiry/{there.inquiry_id}/change/"
            assert line[2] == there.inquiry.name
            assert line[3].endswith(f", {there.practitioner.name}")
            assert "same phone" in others
        assert b"The same person?" not in desk.get(f"/admin/appointments/inquiry/{alone.inquiry_id}/change/").content
        page = desk.get(LIST).content.decode()
        marked = re.findall(r"inquiry/(\d+)/change/\">Same phone or email", page)
        assert sorted(map(int, marked)) == sorted([one.inquiry_id, other.inquiry_id])

    def test_the_list_takes_one_query_more_however_many_rows_it_has(self, desk):
        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                desk.get(LIST)
            return len(queries)

        make.appointment()
        before = count()
        for _ in range(4):
            make.appointment()
        assert count() == before


class TestPatient:
    def test_a_stranger_who_types_a_patients_number_learns_nothing(self):
        """The page says the same whether or not there is another time for this phone number."""
        doctor = make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))
        day = timezone.localdate() + timezone.timedelta(days=3)
        pages = []
        for phone in ("(212) 555-0123", "(646) 555-0199"):
            inquiry = make.inquiry(phone=phone)
            slot = make.slots(doctor, day)[0]
            given = appointments.book(inquiry=inquiry, slot=slot, by=Actor.visitor())
            if not pages:
                patient = make.appointment(make.inquiry(phone=phone))
                assert found(inquiry) == [patient]
            page = Patient().get(inquiry.own_page_url(), {"done": "booked"}).content.decode()
            statuses.cancel(appointment=given, by=Actor.visitor())
            page = page.replace(inquiry.key, "").replace(inquiry.shown_reference, "")
            pages.append(re.sub(r'(name="(?:idempotency_key|version|appointment)" value=)"[^"]*"', "", page))

        assert pages[0] == pages[1]
