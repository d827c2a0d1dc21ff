"""How somebody is reached is said in every list, also of those of whom nobody has a number yet."""

import pytest

from appointments.actors import Actor
from appointments.inquiries import contacts, conversation, own_links
from appointments.models import CallTask, Inquiry, NotificationKind
from appointments.models.log import Outcome
from appointments.notifications import outdated
from appointments.records import erasure
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa() -> Inquiry:
    """Her visit of tomorrow came from another calendar, which had her name alone."""
    make.clinic()
    inquiry = make.inquiry(name="Rosa Lind", contact_by="not_yet", phone="", submission_id="import:1")
    appointment = make.appointment(inquiry)
    CallTask.objects.create(
        kind=NotificationKind.NO_NUMBER, inquiry=inquiry, appointment=appointment, due_at=inquiry.created_at,
        dedupe_key="x",
    )  # fmt: skip
    return inquiry


def open_calls() -> list[str]:
    outdated.cancel_outdated_calls()
    return [call.kind for call in CallTask.objects.open()]


@pytest.mark.parametrize("page", ["/admin/appointments/calltask/", "/admin/appointments/inquiry/{pk}/change/"])
def test_who_has_no_number_yet_is_said_to_have_none_yet(client, rosa, page):
    client.force_login(make.front_desk())

    html = client.get(page.format(pk=rosa.pk)).content.decode()

    assert "Rosa Lind" in html
    assert html.count("No number yet") >= 1
    assert contacts.reach(rosa) == contacts.numbers(rosa) == "No number yet"
    assert contacts.numbers(make.inquiry(contact_by="email", email="s@example.com", phone="")) == "no phone number"


def test_a_number_is_looked_for_until_there_is_one(rosa):
    ann = Actor.staff(make.front_desk())
    conversation.log_call(inquiry=rosa, outcome=Outcome.REACHED, by=ann)
    assert open_calls() == ["no_number"]

    version = Inquiry.objects.get().version
    own_links.send_new(inquiry=rosa, email="rosa@example.com", version=version, by=ann)

    assert Inquiry.objects.get().contact_by == "email"
    assert open_calls() == []


@pytest.mark.parametrize("change", [{"status": "cancelled"}, {"starts_at": "2026-01-01T09:00Z",
    "ends_at": "2026-01-01T09:30Z", "blocked_until": "2026-01-01T09:30Z"}])  # fmt: skip
def test_nobody_looks_for_the_number_of_a_visit_that_is_off_or_over(rosa, change):
    assert open_calls() == ["no_number"]

    rosa.appointments.update(**change)

    assert open_calls() == []


def test_their_own_page_and_their_erasure_need_no_number(client, rosa):
    client.cookies.clear()
    page = client.get(rosa.own_page_url())
    assert page.status_code == 200

    erasure.erase(rosa, reason="asked", by=Actor.staff(make.user(roles.MANAGER)))

    assert Inquiry.objects.values_list("name", "contact_by", "phone", "email").get() == ("–", "not_yet", "", "")
    assert open_calls() == []
