"""What takes patients' times away is saved whole, also when the database ends it once to let somebody else go on."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, displacement, proposals, submissions
from appointments.models import Appointment, Closure
from clinic.accounts import roles
from tests import make
from tests.racing import deadlocks_once

TUESDAY = date(2026, 11, 24)
CLOSURES, PRACTITIONERS = "/admin/appointments/closure/", "/admin/appointments/practitioner/"


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
        yield


@pytest.mark.django_db(transaction=True)
class TestAfterADeadlock:
    @pytest.fixture
    def manager(self, client, monkeypatch):
        client.force_login(make.user(roles.MANAGER))
        deadlocks_once(monkeypatch, displacement, "_mark")
        return client

    @pytest.fixture
    def closed(self) -> Closure:
        return Closure.objects.create(name="Ill", starts_at="2026-11-24T05:00Z", ends_at="2026-11-25T05:00Z")

    def test_a_closure_is_entered(self, manager):
        data = {
            "practitioner": "", "name": "Ill", "starts_at_0": "2026-11-24", "starts_at_1": "09:00",
            "ends_at_0": "2026-11-24", "ends_at_1": "12:00",
        }  # fmt: skip

        answer = manager.post(f"{CLOSURES}add/", data, follow=True)

        assert Closure.objects.get().name == "Ill"
        assert answer.text.count("was added successfully") == 1

    def test_hours_are_changed(self, manager):
        doctor = make.practitioner()
        none = {f"{rows}-{which}_FORMS": "0" for rows in ("schedules", "busy_blocks") for which in ("TOTAL", "INITIAL")}
        data = {
            "name": "Jane Doe, MD", "position": "0", "is_active": "on", "working_hours-TOTAL_FORMS": "1",
            "working_hours-INITIAL_FORMS": "1", "working_hours-0-id": doctor.working_hours.first().pk,
            "working_hours-0-practitioner": doctor.pk, "working_hours-0-DELETE": "on", **none,
        }  # fmt: skip

        assert manager.post(f"{PRACTITIONERS}{doctor.pk}/change/", data).status_code == 302

        assert doctor.working_hours.count() == 6

    def test_a_closure_is_taken_away(self, manager, closed):
        assert manager.post(f"{CLOSURES}{closed.pk}/delete/", {"post": "yes"}).status_code == 302

        assert not Closure.objects.exists()

    def test_closures_are_taken_away_in_the_list(self, manager, closed):
        data = {"action": "delete_selected", "_selected_action": [closed.pk], "post": "yes"}

        assert manager.post(CLOSURES, data).status_code == 302

        assert not Closure.objects.exists()

    def test_public_holidays_are_entered(self, manager):
        make.clinic(holidays_of="US-NY")

        assert manager.post(f"{CLOSURES}public-holidays/", {"days": ["2026-12-25"]}).status_code == 302

        assert Closure.objects.get().name == "Christmas Day"


@pytest.mark.django_db
class TestOffersThatEnd:
    """A time that is only offered or held stands in the warning, beside those whom the change displaces."""

    ASKED = {"screening": "by_hand", "screening_reason": "asked"}

    @pytest.fixture
    def manager(self, client):
        client.force_login(make.user(roles.MANAGER))
        return client

    @pytest.fixture
    def doctor(self):
        return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))

    @pytest.fixture
    def offered(self, doctor):
        slots, until = make.slots(doctor, TUESDAY)[:1], timezone.now() + timedelta(hours=2)
        inquiry = make.inquiry(name="Olga Offered")
        return proposals.propose(inquiry=inquiry, slots=slots, until=until, by=Actor.system())[0]

    @pytest.fixture
    def held(self, doctor):
        inquiry = make.inquiry(name="Hanna Held", **self.ASKED)
        return submissions.hold_to_check(inquiry=inquiry, slot=make.slots(doctor, TUESDAY)[1], by=Actor.visitor())

    def booked(self, doctor):
        inquiry = make.inquiry(name="Bob Booked")
        return appointments.book(inquiry=inquiry, slot=make.slots(doctor, TUESDAY)[2], by=Actor.visitor())

    def close(self, client, **more) -> str:
        data = {
            "practitioner": "", "name": "Ill", "starts_at_0": "2026-11-24", "starts_at_1": "00:00",
            "ends_at_0": "2026-11-25", "ends_at_1": "00:00",
        }  # fmt: skip
        return client.post(f"{CLOSURES}add/", data | more, follow=True).text

    def known(self, html: str) -> str:
        return re.search(r'name="displaced_known" value="(.*?)"', html)[1]

    def rows(self, html: str) -> list[str]:
        """Who stands in which of the tables, by its heading."""
        return re.findall(r'<th scope="row">(.*?)<br>', html)

    def test_they_are_named_and_nothing_is_saved_before_somebody_has_seen_them(self, manager, doctor, offered, held):
        html = self.close(manager)

        assert self.rows(html) == ["Olga Offered", "Hanna Held"]
        assert "This takes back 2 times that are offered or held" in html
        assert "list of displaced patients" not in html
        assert not Closure.objects.exists()
        assert list(Appointment.objects.order_by("pk").values_list("status", flat=True)) == ["proposed", "pending"]

        answer = self.close(manager, displaced_known=self.known(html))

        assert Closure.objects.exists()
        assert set(Appointment.objects.values_list("status", flat=True)) == {"cancelled"}
        assert "are on the list of displaced patients now" not in answer

    def test_beside_those_who_are_displaced_they_are_counted_apart(self, manager, doctor, offered):
        self.booked(doctor)

        html = self.close(manager)

        assert "This takes the time of 1 patient" in html
        assert self.rows(html) == ["Bob Booked", "Olga Offered"]
        answer = self.close(manager, displaced_known=self.known(html))
        assert "1 patient is on the list of displaced patients now." in answer

    def test_where_only_patients_are_displaced_nothing_is_said_of_offers(self, manager, doctor):
        self.booked(doctor)

        html = self.close(manager)

        assert self.rows(html) == ["Bob Booked"]
        assert "offered or held" not in html
