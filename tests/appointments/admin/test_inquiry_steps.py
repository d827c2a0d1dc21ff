"""What ends an inquiry asks first where somebody would lose something by it."""

from uuid import uuid4

import pytest
from django.utils import timezone

from appointments.models import Appointment, Inquiry, InquiryStatus
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    make.clinic()
    client.force_login(make.front_desk())
    return client


def press(desk, inquiry: Inquiry, do: str, **more: str) -> str:
    inquiry.refresh_from_db()
    said = {"do": do, "version": str(inquiry.version), "idempotency_key": str(uuid4()), **more}
    answer = desk.post(f"/admin/appointments/inquiry/{inquiry.pk}/change/", said, follow=True)
    inquiry.refresh_from_db()
    return answer.text


def test_close_asks_where_nobody_has_answered(desk):
    inquiry = make.inquiry()

    html = press(desk, inquiry, "close")

    assert inquiry.status == InquiryStatus.NEW
    assert "Nobody has answered them. Close it all the same?" in html
    press(desk, inquiry, "close", sure="close")
    assert inquiry.status == InquiryStatus.CLOSED


def test_what_was_typed_stays_while_it_asks_and_is_kept_then(desk):
    inquiry = make.inquiry()

    html = press(desk, inquiry, "close", note="Came in and was helped")

    assert "Came in and was helped</textarea>" in html
    assert not inquiry.notes.exists()
    press(desk, inquiry, "close", sure="close", note="Came in and was helped")
    assert [note.words for note in inquiry.notes.all()] == ["Came in and was helped"]


def test_close_does_not_ask_where_they_have_heard_from_us(desk):
    inquiry = make.inquiry(status="open", answered_at=timezone.now())

    press(desk, inquiry, "close")

    assert inquiry.status == InquiryStatus.CLOSED


def test_close_does_not_ask_whoever_has_just_reached_them(desk):
    inquiry = make.inquiry()

    press(desk, inquiry, "close", outcome="reached")

    assert (inquiry.status, inquiry.answered_at is None) == (InquiryStatus.CLOSED, False)


@pytest.mark.parametrize(
    ("do", "words"),
    [
        ("spam", ", and nobody is told. Go on?"),
        ("spam_all", "From this sender 1 visit is booked. Spam cancels it, and nobody is told. Go on?"),
    ],
)
def test_spam_asks_where_a_visit_is_booked(desk, do, words):
    appointment = make.appointment()
    inquiry = appointment.inquiry

    html = press(desk, inquiry, do)

    assert words in html
    assert (inquiry.screening, Appointment.objects.get().status) == ("passed", "booked")
    press(desk, inquiry, do, sure=do)
    assert (inquiry.screening, Appointment.objects.get().status) == ("spam", "cancelled")


def test_spam_does_not_ask_where_nothing_is_booked(desk):
    inquiry = make.inquiry()

    press(desk, inquiry, "spam")

    assert inquiry.screening == "spam"


def test_who_was_asked_one_thing_has_not_agreed_to_another(desk):
    inquiry = make.appointment().inquiry
    Inquiry.objects.update(answered_at=None, status="open")

    press(desk, inquiry, "spam", sure="close")

    assert inquiry.screening == "passed"
