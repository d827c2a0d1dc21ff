"""Every press at the desk says what it did, with the patient's name, and can be taken back."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import strip_tags

from appointments import tasks
from appointments.actors import Actor
from appointments.admin.base import as_seen
from appointments.bookings import appointments
from appointments.inquiries import conversation
from appointments.inquiries.vain_calls import tries
from appointments.models import (
    Appointment,
    AppointmentStatus,
    CallState,
    CallTask,
    Inquiry,
    InquiryScreening,
    InquiryStatus,
)
from appointments.records import history
from appointments.scheduling import slot_codes
from tests import make

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def doctor():
    return make.practitioner("Dr. Doe")


@pytest.fixture
def ann(client):
    user = make.front_desk()
    client.force_login(user)
    return Actor.staff(user)


@pytest.fixture
def agnes(clock) -> Inquiry:
    sent = make.inquiry(name="Agnes Moreau", contact_by="email", email="agnes@example.com", message="Please")
    clock.shift(timedelta(minutes=5))
    tasks.send_mails()
    return sent


@pytest.fixture
def visit(agnes, doctor, ann, clock, mailoutbox) -> Appointment:
    """Agnes was told of it."""
    given = appointments.give(inquiry=agnes, slot=make.slots(doctor, DAY)[0], by=ann)
    clock.shift(timedelta(minutes=5))
    tasks.send_mails()
    mailoutbox.clear()
    return given


def as_it_is(inquiry: Inquiry) -> Inquiry:
    return Inquiry.objects.get(pk=inquiry.pk)


def press(client, inquiry: Inquiry, do: str, **more) -> str:
    """Press a button of the desk; what the page says then."""
    held = as_seen(inquiry.appointments.of_the_patient())
    data = {"idempotency_key": str(uuid4()), "do": do, "version": as_it_is(inquiry).version, "held": held, **more}
    at = reverse("admin:appointments_inquiry_change", args=[inquiry.pk])
    return client.post(at, data, follow=True).text


def give(client, inquiry: Inquiry, slot, **more) -> str:
    held = inquiry.appointments.live().first()
    data = {
        "do": "give", "slot": slot_codes.encode(slot), "held": as_seen(held), "version": as_it_is(inquiry).version,
        "proposals": "", **more,
    }  # fmt: skip
    return client.post(reverse("admin:appointments_inquiry_times", args=[inquiry.pk]), data, follow=True).text


def said(html: str) -> str:
    [words] = re.findall(r'<li class="(?:success|warning)">(.*?)</li>', html, re.DOTALL)
    return " ".join(strip_tags(words).split())


def take_back(client, inquiry: Inquiry, html: str) -> str:
    [name] = re.findall(r'name="undo" value="(\w+)"', html)
    return client.post(reverse("admin:appointments_inquiry_undo", args=[inquiry.pk]), {"undo": name}, follow=True).text


def to_agnes(mailoutbox) -> list[str]:
    return [mail.subject.rpartition(",")[0] for mail in mailoutbox if mail.to == ["agnes@example.com"]]


def test_a_cancellation_says_whose_it_is_and_is_taken_back_before_anybody_hears(
    client, agnes, visit, clock, mailoutbox
):
    html = press(client, agnes, "time-cancel")
    assert said(html) == (
        "Agnes Moreau, Tue, Nov. 24, 9 a.m. with Dr. Doe: canceled. They hear of it in two minutes. Undo"
    )

    again = take_back(client, agnes, html)

    assert said(again) == "Agnes Moreau, Tue, Nov. 24, 9 a.m. with Dr. Doe: booked."
    assert agnes.appointments.get().status == AppointmentStatus.BOOKED
    clock.shift(timedelta(minutes=10))
    tasks.send_mails()
    assert to_agnes(mailoutbox) == []


def test_after_two_minutes_what_is_taken_back_is_told_as_new(client, agnes, visit, clock, mailoutbox):
    html = press(client, agnes, "time-cancel")
    clock.shift(timedelta(minutes=3))
    tasks.send_mails()

    assert said(take_back(client, agnes, html)).endswith("booked. They hear of it in two minutes.")

    clock.shift(timedelta(minutes=3))
    tasks.send_mails()
    assert to_agnes(mailoutbox) == ["Your appointment is canceled", "Your appointment is booked"]


@pytest.mark.parametrize("minutes", [0, 5])
def test_a_time_that_was_given_is_taken_back_and_the_inquiry_waits_again(
    client, agnes, doctor, ann, clock, mailoutbox, minutes
):
    mailoutbox.clear()
    html = give(client, agnes, make.slots(doctor, DAY)[0])
    assert said(html) == "Agnes Moreau, Tue, Nov. 24, 9 a.m. with Dr. Doe: given. They hear of it in two minutes. Undo"
    clock.shift(timedelta(minutes=minutes))
    tasks.send_mails()

    take_back(client, agnes, html)

    clock.shift(timedelta(minutes=5))
    tasks.send_mails()
    after = as_it_is(agnes)
    assert (after.status, after.answered_at) == (InquiryStatus.NEW, None)
    assert agnes.appointments.get().status == AppointmentStatus.CANCELLED
    told = ["Your appointment is booked", "Your appointment is canceled"] if minutes else []
    assert to_agnes(mailoutbox) == told


def test_a_move_is_taken_back_to_the_time_before(client, agnes, visit, doctor, clock, mailoutbox):
    html = give(client, agnes, make.slots(doctor, DAY)[3])
    assert said(html) == (
        "Agnes Moreau, Tue, Nov. 24, 11 a.m. with Dr. Doe: moved from Tue, Nov. 24, 9 a.m."
        " They hear of it in two minutes. Undo"
    )

    take_back(client, agnes, html)

    clock.shift(timedelta(minutes=5))
    tasks.send_mails()
    assert (agnes.appointments.get().starts_at, to_agnes(mailoutbox)) == (visit.starts_at, [])


def test_who_is_given_to_somebody_else_at_the_same_time_has_not_moved(client, agnes, visit, doctor):
    other = make.practitioner("Dr. Roe", visit=visit.visit_type)
    html = give(client, agnes, visit.slot._replace(practitioner_id=other.pk))

    assert said(html).startswith(
        "Agnes Moreau, Tue, Nov. 24, 9 a.m. with Dr. Roe: the time stays, taken over from Dr. Doe."
    )


def test_a_move_is_not_taken_back_to_a_time_that_somebody_has_now(client, agnes, visit, doctor, ann):
    html = give(client, agnes, make.slots(doctor, DAY)[3])
    moved_to = agnes.appointments.get().starts_at
    appointments.give(inquiry=make.inquiry(), slot=visit.slot, by=ann)

    take_back(client, agnes, html)

    assert agnes.appointments.get().starts_at == moved_to


def test_what_a_colleague_changed_since_is_not_taken_back(client, agnes, visit, ann, clock):
    html = press(client, agnes, "time-cancel")
    press(client, agnes, "close", sure="close")

    answer = take_back(client, agnes, html)

    assert said(answer).startswith("A colleague, the patient or the clock changed this time meanwhile.")
    assert agnes.appointments.get().status == AppointmentStatus.CANCELLED


def test_an_arrival_is_taken_back(client, agnes, visit, ann, clock):
    clock.move_to("2026-11-24T14:05:00Z")
    client.force_login(ann.user)
    html = press(client, agnes, "time-arrived")
    assert said(html) == "Agnes Moreau, Tue, Nov. 24, 9 a.m. with Dr. Doe: arrived. Undo"

    take_back(client, agnes, html)

    assert agnes.appointments.get().status == AppointmentStatus.BOOKED


def test_a_confirmation_is_taken_back(client, agnes, ann, clock):
    doctor = make.practitioner(visit=make.visit_type(booked_at_once=False))
    appointments.book(inquiry=agnes, slot=make.slots(doctor, DAY)[0], by=Actor.visitor())
    before = as_it_is(agnes)
    html = press(client, agnes, "time-confirm")

    take_back(client, agnes, html)

    after = as_it_is(agnes)
    assert agnes.appointments.get().status == AppointmentStatus.PENDING
    assert (after.status, after.answer_by) == (before.status, before.answer_by)


def test_closing_is_taken_back(client, agnes, ann):
    html = press(client, agnes, "close", sure="close")
    assert said(html) == "Agnes Moreau: closed. Undo"

    take_back(client, agnes, html)

    assert as_it_is(agnes).status == InquiryStatus.NEW


def test_spam_is_taken_back_with_its_visit(client, agnes, visit, clock, mailoutbox):
    html = press(client, agnes, "spam", sure="spam")

    take_back(client, agnes, html)

    clock.shift(timedelta(minutes=5))
    tasks.send_mails()
    assert as_it_is(agnes).screening == InquiryScreening.PASSED
    assert (agnes.appointments.get().status, to_agnes(mailoutbox)) == (AppointmentStatus.BOOKED, [])


def test_an_undo_works_once(client, agnes, ann):
    html = press(client, agnes, "close", sure="close")
    take_back(client, agnes, html)

    assert said(take_back(client, agnes, html)) == "It is taken back already, or too long ago."


def test_who_takes_an_inquiry_hears_that_it_is_theirs_and_may_let_go_of_it(client, agnes, ann):
    html = press(client, agnes, "take")
    assert said(html) == "Agnes Moreau: yours now. Undo"

    assert said(take_back(client, agnes, html)) == "Agnes Moreau: nobody has taken it."
    assert (as_it_is(agnes).status, as_it_is(agnes).assigned_to) == (InquiryStatus.NEW, None)


# What is written down.


def save(client, inquiry: Inquiry, **typed) -> str:
    return press(client, inquiry, "save", **typed)


def test_a_logged_call_is_said_with_the_name_and_taken_back_with_what_it_ended(client, visit, ann, clock):
    told = make.inquiry(name="Cleo Frost", message="")
    call = call_about_a_visit(told, visit, ann)
    html = save(client, told, outcome="reached")
    assert said(html) == "Cleo Frost: reached. Undo"
    ended = CallTask.objects.get(pk=call.pk)
    assert (ended.state, ended.keeps_promise, as_it_is(told).status) == (CallState.DONE, False, InquiryStatus.CLOSED)

    assert said(take_back(client, told, html)) == "Cleo Frost: taken back; the call is to be made again."

    again, now = CallTask.objects.get(pk=call.pk), as_it_is(told)
    assert (again.state, again.done_by, again.keeps_promise) == (CallState.WAITING, None, True)
    assert (now.status, now.answered_at) == (InquiryStatus.OPEN, None)
    assert [each.taken_back_at is None for each in told.calls.all()] == [False]
    assert tries([told.pk]) == {}


def call_about_a_visit(inquiry: Inquiry, other: Appointment, by: Actor) -> CallTask:
    slot = make.slots(other.practitioner, DAY)[1]
    appointments.give(inquiry=inquiry, slot=slot, by=Actor.staff(by.user, has_read=inquiry.version))
    return CallTask.objects.get(inquiry=inquiry)


def test_a_call_in_vain_that_is_taken_back_is_mailed_to_nobody_and_does_not_count(
    client, agnes, ann, clock, mailoutbox
):
    mailoutbox.clear()
    html = save(client, agnes, outcome="no_answer", call_words="rang long")
    assert tries([agnes.pk])[agnes.pk] != []
    take_back(client, agnes, html)
    clock.shift(timedelta(minutes=5))
    tasks.send_mails()

    assert (tries([agnes.pk]).get(agnes.pk, []), to_agnes(mailoutbox)) == ([], [])

    save(client, agnes, outcome="no_answer")
    clock.shift(timedelta(minutes=5))
    tasks.send_mails()
    assert (len(tries([agnes.pk])[agnes.pk]), to_agnes(mailoutbox)) == (1, ["We tried to call you"])


def test_a_note_and_a_call_back_are_said_and_taken_back(client, agnes, ann):
    html = save(
        client,
        agnes,
        note="Prefers mornings.",
        outcome="call_back",
        call_back_at_0="2026-11-24",
        call_back_at_1="10:30",
    )
    assert said(html) == "Agnes Moreau: to be called back Tue, Nov. 24, 10:30 a.m., note saved. Undo"

    take_back(client, agnes, html)

    assert [each.taken_back_at is None for each in (*agnes.notes.all(), *agnes.calls.all())] == [False, False]
    assert agnes.call_tasks.get().state == CallState.CANCELLED
    lines = [line.what for line in history.lines(agnes) if line.kind == "note"]
    assert lines == ["Prefers mornings. Taken back: Nov. 23, 5:05 p.m."]


def test_a_step_says_what_was_written_down_beside_it(client, agnes, ann):
    html = press(client, agnes, "close", sure="close", outcome="reached", note="Wants nothing.")

    assert said(html) == "Agnes Moreau: closed. Reached, note saved. Undo"

    assert said(take_back(client, agnes, html)) == "Agnes Moreau: taken back."
    assert as_it_is(agnes).status == InquiryStatus.NEW
    assert [each.taken_back_at is None for each in (*agnes.notes.all(), *agnes.calls.all())] == [False, False]


def test_a_time_that_was_given_on_the_phone_is_taken_back_with_its_call_and_they_hear_of_it(client, doctor, ann, clock):
    cleo = make.inquiry(name="Cleo Frost", message="")
    html = give(client, cleo, make.slots(doctor, DAY)[0], is_told="on")
    assert said(html) == "Cleo Frost, Tue, Nov. 24, 9 a.m. with Dr. Doe: given. They know. Undo"

    again = take_back(client, cleo, html)

    assert said(again) == "Cleo Frost: taken back. Please call them: no mail tells them."
    assert cleo.calls.get().taken_back_at is not None
    assert cleo.appointments.get().status == AppointmentStatus.CANCELLED
    calls = cleo.call_tasks.order_by("pk").values_list("kind", "state")
    assert list(calls) == [("booked", "done"), ("cancelled", "waiting")]


def test_what_was_written_down_twice_by_a_double_click_is_said_once(client, agnes, ann):
    key = str(uuid4())
    for _ in range(2):
        html = save(client, agnes, note="Prefers mornings.", idempotency_key=key)

    assert (re.findall(r'<li class="success">', html), agnes.notes.count()) == ([], 1)


def test_an_answer_that_came_meanwhile_is_not_taken_back_with_a_call(client, agnes, ann, clock):
    html = save(client, agnes, outcome="voicemail")
    conversation.write_back(inquiry=agnes, words="Please call after ten.")

    assert said(take_back(client, agnes, html)).startswith("A colleague, the patient or the clock changed")
    assert agnes.calls.get().taken_back_at is None
