"""What takes patients' times away is saved whole, also when the database ends it once to let somebody else go on."""

import pytest
import time_machine

from appointments.bookings import displacement
from appointments.models import Closure
from clinic.accounts import roles
from tests import make
from tests.racing import deadlocks_once

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
