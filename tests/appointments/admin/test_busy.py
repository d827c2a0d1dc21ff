"""While somebody holds a row for long, a desk's post is refused with all that was typed, and can be sent again."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from appointments.bookings import locking
from appointments.inquiries import conversation
from appointments.models import Closure, Note
from tests import make
from tests.racing import held, limits_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def little_patience(monkeypatch):
    monkeypatch.setattr(locking, "FIRST_TRY", "20ms")
    with limits_of(lock_timeout="40ms"):
        yield


@pytest.fixture
def desk():
    client = Client()
    client.force_login(make.user(is_superuser=True))
    return client


def carried(page) -> dict[str, str]:
    """What the page posts once more."""
    found = re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', page.content.decode())
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_a_note_and_a_step_stand_on_the_page_and_are_done_when_sent_again(desk):
    inquiry = make.inquiry()
    address = f"/admin/appointments/inquiry/{inquiry.pk}/change/"
    typed = {"do": "take", "version": str(inquiry.version), "note": "Rings back, “at five”."}
    typed |= {"idempotency_key": "6a0c7f1e-0d0f-4f6e-9a52-5d5b1d1f2f3a"}
    with held(inquiry):
        answer = desk.post(address, typed)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Somebody else is changing this right now" in answer.content.decode()
    assert "<blockquote>Rings back, “at five”.</blockquote>" in answer.content.decode()
    assert (carried(answer), Note.objects.count()) == (typed, 0)

    again = desk.post(address, carried(answer))

    inquiry.refresh_from_db()
    assert (again.status_code, inquiry.assigned_to is None) == (302, False)
    assert [note.words for note in inquiry.notes.all()] == ["Rings back, “at five”."]


def test_nothing_is_told_that_was_taken_back(desk, monkeypatch):
    inquiry = make.inquiry()
    said = {"do": "reply", "version": str(inquiry.version), "answer": "Yes, at ten.", "note": "Asked twice."}
    said |= {"idempotency_key": "6a0c7f1e-0d0f-4f6e-9a52-5d5b1d1f2f3a"}

    def take_too_long(**what):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '20ms'")
            cursor.execute("SELECT pg_sleep(10)")

    monkeypatch.setattr(conversation, "note", take_too_long)
    answer = desk.post(f"/admin/appointments/inquiry/{inquiry.pk}/change/", said)

    assert answer.status_code == 503
    assert "your answer stands on their page" not in answer.content.decode()
    assert not inquiry.messages.exists()


def test_a_closure_is_not_saved_and_everything_typed_is_kept(desk):
    doctor = make.practitioner()
    day = timezone.localdate()
    typed = {
        "name": "At a congress", "practitioner": str(doctor.pk), "starts_at_0": f"{day}", "starts_at_1": "09:00",
        "ends_at_0": f"{day}", "ends_at_1": "17:00", "_save": "Save",
    }  # fmt: skip
    with held(doctor):
        answer = desk.post("/admin/appointments/closure/add/", typed)

    assert (answer.status_code, carried(answer), Closure.objects.count()) == (503, typed, 0)
    assert desk.post("/admin/appointments/closure/add/", carried(answer)).status_code == 302
    assert Closure.objects.get().name == "At a congress"
