"""Whose visit it is stands on every screen of staff's, with who wrote for them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from appointments.models import CallTask
from clinic import spreadsheet
from tests import make

pytestmark = pytest.mark.django_db

NAME = "Cleo Frost (through Petra Lang)"


@pytest.fixture
def cleo():
    inquiry = make.inquiry(name="Petra Lang", patient_name="Cleo Frost", contact_person="writer")
    for kind in ("reminder", "booked"):
        CallTask.objects.create(kind=kind, inquiry=inquiry, due_at=timezone.now(), dedupe_key=kind)
    return inquiry


@pytest.fixture
def manager(client):
    make.clinic()
    client.force_login(make.user("Manager"))
    return client


@pytest.mark.parametrize(
    "address",
    [
        "",
        "appointments/inquiry/",
        "appointments/inquiry/{}/change/",
        "appointments/inquiry/{}/times/",
        "appointments/inquiry/{}/chart/",
        "appointments/inquiry/{}/erase/",
        "appointments/inquiry/{}/link/",
        "appointments/calltask/",
        "appointments/calltask/?list=reminders",
        "appointments/calltask/tomorrow/",
    ],
)
def test_the_patient_and_who_wrote_stand_on_it(manager, cleo, address):
    assert NAME in manager.get(f"/admin/{address.format(cleo.pk)}").text


def test_lists_of_visits_say_it_too(manager):
    soon = (timezone.now() + timedelta(days=2)).isoformat()
    make.appointment(make.inquiry(name="Petra Lang", patient_name="Cleo Frost", contact_person="writer"), soon)

    assert NAME in manager.get("/admin/appointments/appointment/").text


ARABIC = "رزا ليند"


@pytest.mark.parametrize(
    "address", ["appointments/inquiry/", "appointments/inquiry/{}/change/", "appointments/calltask/"]
)
def test_a_name_that_runs_right_to_left_is_isolated_from_what_stands_beside_it(manager, address):
    inquiry = make.inquiry(name="Petra Lang", patient_name=ARABIC, contact_person="writer")
    CallTask.objects.create(kind="booked", inquiry=inquiry, due_at=timezone.now(), dedupe_key="booked")

    page = manager.get(f"/admin/{address.format(inquiry.pk)}").text

    assert f"\u2068{ARABIC}\u2069 (through Petra Lang)" in page


def test_a_file_has_the_name_as_it_was_typed(manager):
    assert spreadsheet.cell(f"\u2068{ARABIC}\u2069 (through Petra Lang)") == f"{ARABIC} (through Petra Lang)"
