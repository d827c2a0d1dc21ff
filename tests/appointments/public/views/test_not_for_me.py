"""Who gets a mail that is for somebody else ends its link; what has ended shows nothing of anybody."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from appointments.actors import Actor
from appointments.demo.history import rewritable
from appointments.inquiries import conversation
from appointments.models import CallTask, Email, Inquiry, InquiryStatus, MailState, NotificationKind
from appointments.models.own_link import LinkState
from appointments.records import erasure, history
from tests import make, racing, security_lines
from tests.appointments.public.views.test_proving import SECRETS, addresses, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger():
    """Has the link and no proof."""
    return Client()


def main_of(answer) -> str:
    return answer.content.decode().partition("<main")[2].partition("</main>")[0]


def say_so(browser, inquiry: Inquiry):
    return browser.post(f"{inquiry.own_page_url()}not-for-me/", follow=True)


class TestSaying:
    def test_it_takes_a_click_on_the_question_and_one_on_the_page_that_asks(self, stranger, rosa):
        question = stranger.get(rosa.own_page_url())
        address = f"{rosa.own_page_url()}not-for-me/"
        asked = stranger.get(address)

        assert f'<a href="{address}">This is not for me</a>' in question.content.decode()
        assert "Did our email reach you by mistake?" in words(asked)
        assert '<form method="post" class="actions">' in main_of(asked)
        assert [secret for secret in SECRETS if secret in main_of(asked)] == []
        assert Inquiry.objects.get().link_state == LinkState.WORKS
        said = stranger.post(address)
        assert (said.status_code, said.headers["Location"]) == (303, rosa.own_page_url())
        assert Inquiry.objects.get().link_state == LinkState.NOT_THEIRS

    @pytest.mark.parametrize("rest", ["not-for-me/", *addresses()])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_afterwards_each_address_shows_the_clinic_and_its_phone_alone(self, stranger, rosa, rest, method):
        say_so(stranger, rosa)
        before = Inquiry.objects.values().get()

        answer = getattr(stranger, method)(rosa.own_page_url() + rest, {"digits": "0123", "words": "It is me"})

        assert answer.status_code == 410
        assert re.sub(r"\s+", " ", words(answer).split("Thank you for telling us")[2]).startswith(
            " This link has ended, and we send no more emails with it. We can help you by phone: (646) 555-0111 ."
        )
        assert [secret for secret in (*SECRETS, rosa.shown_reference) if secret in main_of(answer)] == []
        assert not answer.cookies
        assert answer.headers["Cache-Control"] == "no-store"
        assert Inquiry.objects.values().get() == before

    def test_the_history_says_that_it_was_said_without_a_proof(self, stranger, rosa):
        say_so(stranger, rosa)

        (line,) = [line for line in history.lines(rosa) if line.what.startswith("Link to their page")]
        assert (line.what, line.who) == (
            "Link to their page: works → ended: “This is not for me”", "By the link, not proved",
        )  # fmt: skip

    def test_the_security_log_says_it(self, stranger, rosa):
        with security_lines.kept() as lines:
            say_so(stranger, rosa)

        assert ("not_theirs", rosa.pk) in lines.events("inquiry")

    def test_another_site_cannot_say_it(self, stranger, rosa):
        answer = stranger.post(f"{rosa.own_page_url()}not-for-me/", headers={"sec-fetch-site": "cross-site"})

        assert (answer.status_code, Inquiry.objects.get().link_state) == (403, LinkState.WORKS)

    def test_of_one_that_is_erased_nobody_can_say_it(self, stranger, rosa):
        address = f"{rosa.own_page_url()}not-for-me/"
        rosa.appointments.all().delete()
        erasure.erase(rosa, reason="Their wish", by=Actor.staff(make.user()))

        assert stranger.post(address).status_code == 404


class TestDesk:
    def test_with_a_phone_number_it_is_a_call_to_make(self, stranger, rosa, client):
        Inquiry.objects.update(status=InquiryStatus.WAITING_FOR_PATIENT)
        say_so(stranger, rosa)
        say_so(stranger, rosa)

        call = CallTask.objects.get(kind=NotificationKind.NOT_THEIRS)
        assert (call.inquiry, call.state, call.due_at <= timezone.now()) == (rosa, "waiting", True)
        assert Inquiry.objects.get().status == InquiryStatus.WAITING_FOR_PATIENT
        client.force_login(make.front_desk())
        assert "Our mail reached somebody else" in client.get("/admin/appointments/calltask/").content.decode()

    def test_without_one_it_waits_in_the_inbox_with_its_reason(self, stranger, client):
        make.clinic()
        sam = make.inquiry(name="Sam Poe", contact_by="email", email="sam@example.com", phone="")
        conversation.reply(inquiry=sam, words="Yes.", version=1, by=Actor.staff(make.user()))
        say_so(stranger, sam)

        client.force_login(make.front_desk())
        assert not CallTask.objects.filter(kind=NotificationKind.NOT_THEIRS).exists()
        inbox = client.get("/admin/appointments/inquiry/").content.decode()
        assert re.findall('<strong class="why">(.*?)</strong>', inbox)[0].startswith("our mail reached somebody else")

    def test_what_waits_to_be_mailed_becomes_a_call(self, stranger, rosa):
        conversation.reply(inquiry=rosa, words="Yes.", version=1, by=Actor.staff(make.user()))
        say_so(stranger, rosa)

        assert Email.objects.get(kind=NotificationKind.ANSWERED).state == MailState.CANCELLED
        assert CallTask.objects.get(kind=NotificationKind.ANSWERED).state == "waiting"

    def test_what_happens_after_it_is_told_by_phone(self, stranger, rosa):
        say_so(stranger, rosa)
        version = Inquiry.objects.get().version
        conversation.reply(inquiry=rosa, words="Yes.", version=version, by=Actor.staff(make.user()))

        assert not Email.objects.filter(kind=NotificationKind.ANSWERED).exists()
        assert CallTask.objects.get(kind=NotificationKind.ANSWERED).state == "waiting"


@pytest.mark.django_db(transaction=True)
def test_while_somebody_works_on_the_inquiry_it_asks_to_try_again(stranger):
    make.clinic()
    inquiry = make.inquiry()

    with racing.limits_of(lock_timeout="40ms"), racing.held(inquiry):
        answer = stranger.post(f"{inquiry.own_page_url()}not-for-me/")

    assert (answer.status_code, Inquiry.objects.get().link_state) == (503, LinkState.WORKS)
    assert '<form method="post" class="actions">' in main_of(answer)


class TestLapsing:
    """Ninety days after the last step, or the visit, a link leads nowhere."""

    DAYS = timedelta(days=90)

    def asked_in(self, browser, inquiry: Inquiry, after: timedelta) -> int:
        with time_machine.travel(timezone.now() + after, tick=False):
            return browser.get(inquiry.own_page_url()).status_code

    def test_it_ends_ninety_days_after_it_was_sent_and_says_so(self, stranger):
        make.clinic()
        sam = make.inquiry(name="Sam Poe", message="My back hurts")
        hour = timedelta(hours=1)

        assert self.asked_in(stranger, sam, self.DAYS - hour) == 200
        with time_machine.travel(timezone.now() + self.DAYS + hour, tick=False):
            answer = stranger.post(sam.own_page_url(), {"digits": sam.proof_digits, "then": "look"})
        assert answer.status_code == 410
        assert "A link ends 90 days after the last message or visit." in words(answer)
        assert [told for told in ("Sam", "back hurts", sam.shown_reference) if told in main_of(answer)] == []

    def test_a_visit_counts_when_it_is_over_and_not_once_it_is_canceled(self, stranger):
        sam = make.inquiry(sent=timedelta(days=200))
        visit = make.appointment(sam, starts_at=f"{timezone.now() + timedelta(days=60):%Y-%m-%dT%H:%M+00:00}")

        assert self.asked_in(stranger, sam, timedelta(days=149)) == 200
        assert self.asked_in(stranger, sam, timedelta(days=151)) == 410
        type(visit).objects.update(status="cancelled")
        with rewritable(visit.events.model):  # The triggers write the database's own time.
            visit.events.update(pgh_created_at=timezone.now())
        assert self.asked_in(stranger, sam, timedelta(days=89)) == 200  # Canceling it was a step.
        assert self.asked_in(stranger, sam, timedelta(days=91)) == 410

    @pytest.mark.parametrize("step", ["message", "call", "state", "answer", "new link"])
    def test_a_step_of_either_side_begins_them_anew(self, stranger, step):
        sam = make.inquiry(sent=timedelta(days=200))
        day = timedelta(days=1)
        assert self.asked_in(stranger, sam, timedelta()) == 410

        now = timezone.now()
        if step == "message":
            sam.messages.create(words="Hello?", from_patient=False)
        elif step == "call":
            sam.calls.create(outcome="reached", created_by=make.user())
        else:
            field = {"state": "moved_at", "answer": "answered_at", "new link": "link_made_at"}[step]
            Inquiry.objects.update(**{field: now})

        assert self.asked_in(stranger, sam, self.DAYS - day) == 200
        assert self.asked_in(stranger, sam, self.DAYS + day) == 410

    def test_whoever_only_guesses_digits_keeps_no_link_alive(self, stranger):
        sam = make.inquiry(sent=timedelta(days=89))
        stranger.post(sam.own_page_url(), {"digits": "9999", "then": "look"})

        assert Inquiry.objects.get().wrong_tries == 1
        assert self.asked_in(stranger, sam, timedelta(days=2)) == 410
