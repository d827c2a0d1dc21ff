"""A promise is kept by what somebody has heard: a mail that went out, a call that reached them, a voicemail."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments import tasks
from appointments.actors import VISITOR, Actor
from appointments.bookings import appointments, proposals, statuses
from appointments.inquiries import answers, conversation, lifecycle
from appointments.models import CallTask, Email, Inquiry, InquiryStatus, MailState
from appointments.models.log import Outcome
from appointments.notifications import corrections, outbox
from tests import make

pytestmark = pytest.mark.django_db

NOON = "2026-11-23T17:00Z"  # A Monday, in New York.
BY_MAIL = {"contact_by": "email", "email": "rosa@example.com"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk(first_name="Ann", last_name="Reyes"))


@pytest.fixture
def doctor():
    return make.practitioner()


def reply(inquiry: Inquiry, doctor, ann) -> None:
    conversation.reply(inquiry=inquiry, words="Yes, you can.", version=as_it_is(inquiry).version, by=ann)


def offer(inquiry: Inquiry, doctor, ann) -> None:
    slots = make.slots(doctor, timezone.localdate() + timedelta(days=2))[:2]
    proposals.propose(inquiry=inquiry, slots=slots, until=timezone.now() + timedelta(days=1), by=ann)


def give(inquiry: Inquiry, doctor, ann) -> None:
    appointments.give(inquiry=inquiry, slot=make.slots(doctor, timezone.localdate() + timedelta(days=2))[0], by=ann)


def confirm(inquiry: Inquiry, doctor, ann) -> None:
    slot = make.slots(doctor, timezone.localdate() + timedelta(days=2))[0]
    doctor.schedules.get().visit_type.__class__.objects.update(booked_at_once=False)
    held = appointments.book(inquiry=inquiry, slot=slot, by=VISITOR)
    statuses.change_status(appointment=held, to="booked", by=ann)


ANSWERS = [(reply, "waiting_for_patient"), (offer, "waiting_for_patient"), (give, "closed"), (confirm, "closed")]
each_answer = pytest.mark.parametrize(("act", "then"), ANSWERS)


def as_it_is(inquiry: Inquiry) -> Inquiry:
    return Inquiry.objects.get(pk=inquiry.pk)


def call(inquiry: Inquiry, outcome: Outcome, ann) -> None:
    conversation.log_call(inquiry=inquiry, outcome=outcome, by=ann)


@each_answer
def test_who_must_be_called_is_ours_until_somebody_has_reached_them(act, then, doctor, ann, clock):
    inquiry = make.inquiry(kind="appointment", message="")
    act(inquiry, doctor, ann)
    answers.keep_what_was_heard()
    before = as_it_is(inquiry)
    clock.shift(timedelta(minutes=5))

    call(inquiry, Outcome.REACHED, ann)

    after = as_it_is(inquiry)
    assert (before.status, before.answered_at) == (InquiryStatus.OPEN, None)
    assert (after.status, after.answered_at) == (then, timezone.now())
    assert not CallTask.objects.open().exists()


@each_answer
def test_a_voicemail_keeps_the_promise_and_the_call_stays(act, then, doctor, ann):
    inquiry = make.inquiry(kind="appointment", message="")
    act(inquiry, doctor, ann)

    call(inquiry, Outcome.VOICEMAIL, ann)

    after = as_it_is(inquiry)
    assert (after.status, after.answered_at, CallTask.objects.open().count()) == ("open", timezone.now(), 1)


@each_answer
def test_a_mail_keeps_the_promise_when_it_is_out(act, then, doctor, ann, clock):
    inquiry = make.inquiry(kind="appointment", message="", **BY_MAIL)
    act(inquiry, doctor, ann)
    answers.keep_what_was_heard()
    before = as_it_is(inquiry)
    clock.shift(timedelta(minutes=2))

    make.two_minutes_pass()
    tasks.send_mails()

    after = as_it_is(inquiry)
    assert (before.status, before.answered_at) == (then, None)
    assert (after.status, after.answered_at) == (then, timezone.now())


@each_answer
def test_a_mail_that_fails_brings_the_inquiry_back(act, then, doctor, ann):
    inquiry = make.inquiry(kind="appointment", message="", **BY_MAIL)
    act(inquiry, doctor, ann)
    for mail in Email.objects.filter(keeps_promise=True):
        outbox._give_up(mail)
        mail.save()

    answers.keep_what_was_heard()

    after = as_it_is(inquiry)
    assert (after.status, after.answered_at, CallTask.objects.open().count()) == (InquiryStatus.OPEN, None, 1)
    call(inquiry, Outcome.REACHED, ann)
    assert as_it_is(inquiry).status == then


@each_answer
def test_a_mail_that_came_back_has_kept_no_promise(act, then, doctor, ann, clock):
    inquiry = make.inquiry(kind="appointment", message="", **BY_MAIL)
    act(inquiry, doctor, ann)
    make.two_minutes_pass()
    tasks.send_mails()
    clock.shift(timedelta(hours=20))
    [mail] = Email.objects.filter(state=MailState.SENT, sent_at=as_it_is(inquiry).answered_at).exclude(
        kind__in=["received", "staff_waiting", "held"]
    )

    corrections.bounced(mail, by=ann)
    answers.keep_what_was_heard()

    after = as_it_is(inquiry)
    assert (after.status, after.answered_at) == (InquiryStatus.OPEN, None)
    assert after.answer_by > timezone.now()
    corrections.resend(Email.objects.get(pk=mail.pk), by=ann)
    make.two_minutes_pass()
    tasks.send_mails()
    assert (as_it_is(inquiry).status, as_it_is(inquiry).answered_at) == (then, timezone.now())


def test_an_old_answer_that_is_heard_keeps_no_newer_words_waiting(doctor, ann, clock):
    inquiry = make.inquiry()
    reply(inquiry, doctor, ann)
    clock.shift(timedelta(minutes=1))
    conversation.write_back(inquiry=inquiry, words="And may I drive?")

    call(inquiry, Outcome.REACHED, ann)

    assert as_it_is(inquiry).status == InquiryStatus.OPEN


def test_a_mail_that_goes_out_after_they_wrote_again_answers_nothing_new(doctor, ann, clock):
    inquiry = make.inquiry(**BY_MAIL)
    reply(inquiry, doctor, ann)
    clock.shift(timedelta(minutes=1))
    conversation.write_back(inquiry=inquiry, words="And may I drive?")

    make.two_minutes_pass()
    tasks.send_mails()

    assert (as_it_is(inquiry).status, as_it_is(inquiry).answered_at) == (InquiryStatus.OPEN, None)


def test_what_nobody_has_read_out_is_never_closed_as_silent(doctor, ann, clock):
    inquiry = make.inquiry()
    reply(inquiry, doctor, ann)
    Inquiry.objects.update(status=InquiryStatus.WAITING_FOR_PATIENT)  # As the version before left it.
    clock.shift(lifecycle.CLOSE_AFTER + timedelta(days=1))

    lifecycle.auto_close_due()

    assert as_it_is(inquiry).status == InquiryStatus.WAITING_FOR_PATIENT


def test_who_is_closed_by_hand_stays_closed_although_nobody_called(doctor, ann):
    inquiry = make.inquiry()
    reply(inquiry, doctor, ann)
    version = as_it_is(inquiry).version
    lifecycle.transition(inquiry=inquiry, to=InquiryStatus.CLOSED, version=version, by=ann)

    answers.keep_what_was_heard()

    assert as_it_is(inquiry).status == InquiryStatus.CLOSED


def test_offers_that_nobody_could_tell_end_as_others_do(doctor, ann, clock):
    inquiry = make.inquiry(kind="appointment", message="")
    offer(inquiry, doctor, ann)
    call(inquiry, Outcome.VOICEMAIL, ann)
    clock.shift(timedelta(days=1, minutes=1))

    proposals.expire_due()

    after = as_it_is(inquiry)
    assert (after.status, after.answered_at, CallTask.objects.open().exists()) == (InquiryStatus.OPEN, None, False)
    assert not inquiry.appointments.filter(status="proposed").exists()
