"""No mail cannon: a stranger's mailbox gets few of the mails that visitors cause, and the page says when none goes."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine

from appointments import limits
from appointments.actors import Actor
from appointments.inquiries import conversation, lifecycle
from appointments.models import Email, Inquiry, MailState
from appointments.notifications import outbox
from clinic import email_url
from tests import make, smtp
from tests.racing import at_once

pytestmark = pytest.mark.django_db
SAID = {"contact_by": "email", "phone": ""}
NONE_GOES = "We do not send you an email this time. Write down "
ONE_GOES = "We also send you this link by email."


@pytest.fixture(autouse=True)
def clock():
    """A Monday at noon in New York."""
    with time_machine.travel("2026-11-23T17:00Z", tick=False) as traveller:
        yield traveller


def sent(number: int, email: str) -> Inquiry:
    return make.inquiry(submission_id=f"{number} {email}", email=email, sum_solved=True, **SAID)


def received() -> int:
    return Email.objects.filter(kind="received").count()


def test_one_mailbox_gets_three_a_day_however_it_is_written_and_the_page_says_when_none_goes(client, clock):
    def page(number: int, email: str) -> str:
        said = make.form_data(name=f"Writer {number}", email=email, **SAID)
        answer = client.post("/appointments/", said, headers={"x-forwarded-for": f"203.0.113.{number}"}, follow=True)
        return answer.content.decode()

    ways = ["rosa@gmail.com", "Rosa@gmail.com", "r.osa@googlemail.com", "rosa+1@gmail.com"]
    pages = [page(number, email) for number, email in enumerate(ways)]
    other = page(9, "sam@example.com")

    assert [(ONE_GOES in html, NONE_GOES in html) for html in pages] == [(True, False)] * 3 + [(False, True)]
    assert (ONE_GOES in other, received()) == (True, 4)
    clock.shift(timedelta(days=1))
    assert ONE_GOES in page(5, "rosa@gmail.com")


def test_in_an_hour_thirty_go_in_all(clock):
    for number in range(limits.CONFIRMATIONS_AN_HOUR + 5):
        sent(number, f"writer{number}@example.com")
    assert received() == limits.CONFIRMATIONS_AN_HOUR

    clock.shift(timedelta(hours=1))
    sent(0, "rosa@example.com")
    assert received() == limits.CONFIRMATIONS_AN_HOUR + 1


def test_what_one_mailbox_does_not_get_is_left_for_the_others():
    for number in range(limits.CONFIRMATIONS_AN_HOUR * 2):
        sent(number, "stranger@example.com")
    sent(0, "rosa@example.com")

    assert received() == limits.CONFIRMATIONS_A_DAY + 1


def test_the_link_that_is_sent_again_counts_too(clock):
    inquiry = sent(0, "rosa@example.com")
    for _hour in range(5):
        clock.shift(timedelta(hours=1))
        conversation.send_link_again(inquiry, Inquiry.objects.get().created_at + timedelta(hours=_hour + 1))

    kinds = list(Email.objects.filter(inquiry=inquiry).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["received", "link_again", "link_again"]


def test_those_who_are_mailed_nothing_by_themselves_take_nothing_of_the_others():
    for number in range(limits.CONFIRMATIONS_AN_HOUR):
        make.inquiry(submission_id=str(number), email=f"writer{number}@example.com", sum_solved=False, **SAID)
    sent(0, "rosa@example.com")

    assert received() == 1


def test_who_is_let_in_by_hand_hears_it_whatever_was_sent_before():
    for number in range(limits.CONFIRMATIONS_A_DAY):
        sent(number, "rosa@example.com")
    checked = make.inquiry(
        email="rosa@example.com", sum_solved=True, screening="by_hand", screening_reason="asked", **SAID
    )

    lifecycle.release(inquiry=checked, version=checked.version, by=Actor.staff(make.front_desk()))

    assert received() == limits.CONFIRMATIONS_A_DAY + 1


@pytest.mark.django_db(transaction=True)
def test_of_those_who_write_at_once_no_more_are_mailed_either():
    made = make.inquiry  # Each in its thread.

    ended = at_once(
        *(
            partial(made, submission_id=f"{number}", email="rosa@example.com", sum_solved=True, **SAID)
            for number in range(8)
        )
    )

    assert (ended, received()) == ({"ok": 8}, limits.CONFIRMATIONS_A_DAY)


def test_a_mail_that_went_out_still_goes_with_the_page(client, settings, clock):
    """The page speaks of what was sent, also once it is."""
    inquiry = sent(0, "rosa@example.com")
    with smtp.running() as server:
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
        clock.shift(lifecycle.RECEIVED_AFTER)
        outbox.send_due()

    assert Email.objects.get(kind="received").state == MailState.SENT
    assert ONE_GOES in client.get(inquiry.own_page_url()).content.decode()
