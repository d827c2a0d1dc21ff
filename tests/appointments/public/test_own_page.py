import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments.models import Inquiry
from tests import make

pytestmark = pytest.mark.django_db


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_it_says_what_we_got_and_by_when_we_answer(client):
    with time_machine.travel("2026-11-24T15:00:00Z", tick=False):  # Tuesday 10 a.m. in New York
        answer = client.post("/appointments/", make.form_data(), follow=True)

    inquiry = Inquiry.objects.get()
    page = words(answer)
    assert "We have your question" in page
    assert inquiry.shown_reference in page
    assert "We will contact you by Wednesday, November 25, 2026, 5 p.m. (New York time)." in page
    assert "Emergency: call 911 now" in page
    assert (
        f"We can’t send you this link. Print this page, or write down {inquiry.shown_reference}. "
        "You can always call us instead." in page
    )


def test_it_repeats_nothing_of_what_was_typed(client):
    inquiry = make.inquiry(
        kind="question", message="Private matter", email="rosa@example.com", reach_note="after dark", name="Rosa Lind"
    )
    page = client.get(inquiry.own_page_url()).content.decode()

    for typed in ("Private matter", "rosa@example.com", "after dark", "Rosa", "212 555 0123"):
        assert typed not in page


def test_it_is_private(client):
    answer = client.get(make.inquiry().own_page_url())

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert '<meta name="robots" content="noindex">' in answer.content.decode()
    assert not answer.cookies


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"status": "closed"}, "This is closed. If you need anything else, call us or write to us again."),
        ({"status": "waiting_for_patient"}, "We are waiting to hear from you. Please call us."),
        (
            {"status": "open", "answered_at": timezone.now()},
            "We have been in touch. Our staff are still working on it.",
        ),
    ],
)
def test_it_says_where_things_stand(client, fields, sentence):
    inquiry = make.inquiry()
    Inquiry.objects.update(**fields)

    assert sentence in words(client.get(inquiry.own_page_url()))


def test_past_the_promise_it_apologizes(client):
    inquiry = make.inquiry()
    with time_machine.travel(inquiry.answer_by + timedelta(seconds=1), tick=False):
        page = words(client.get(inquiry.own_page_url()))

    assert (
        "We are late, and we are sorry. Your message is safe. Please call (212) 555-0100 "
        f"and give {inquiry.shown_reference}." in page
    )
    assert "We will contact you by" not in page


def test_one_that_is_checked_by_hand_or_spam_looks_like_any_other(client):
    pages = [
        words(client.get(make.inquiry(screening=screening, screening_reason=reason).own_page_url()))
        for screening, reason in (("passed", ""), ("by_hand", "trap"), ("spam", "staff"))
    ]

    assert len({re.sub(r"[2-9A-Z]{4}-[2-9A-Z]{4}", "", page) for page in pages}) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_sent_to_it(client, method):
    assert client.generic(method, make.inquiry().own_page_url()).status_code == 405


def test_looking_changes_nothing(client):
    inquiry = make.inquiry()
    client.get(inquiry.own_page_url())
    client.head(inquiry.own_page_url())

    assert inquiry.events.count() == 1


def test_keys_and_references_are_not_guessed():
    made = [make.inquiry() for _ in range(50)]

    assert len({i.key for i in made}) == len({i.reference for i in made}) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", i.key) for i in made)
    assert all(re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", i.shown_reference) for i in made)


def test_the_old_address_of_the_form_leads_to_it(client):
    answer = client.get("/contact/")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/appointments/")
