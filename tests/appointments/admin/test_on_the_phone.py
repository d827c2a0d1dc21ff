"""What somebody of the desk gives, moves, cancels or confirms while the patient is on the phone is told by that."""

import re
from datetime import date
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.utils import timezone
from django.utils.html import strip_tags

from appointments.actors import Actor
from appointments.admin.base import as_seen
from appointments.bookings import appointments
from appointments.models import CallState, Inquiry, InquiryStatus, MailState
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
    return make.practitioner("Dr. Doe", visit=make.visit_type("First visit", booked_at_once=False))


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk())
    return client


def asked(verb: str, doctor, contact: dict[str, str]) -> Inquiry:
    """An inquiry in which somebody of the desk can `verb` something; its people know what was before."""
    inquiry = make.inquiry(name="Agnes Moreau", message="Please", **contact)
    if verb == "confirm":
        appointments.book(inquiry=inquiry, slot=make.slots(doctor, DAY)[0], by=Actor.visitor())
    elif verb in ("move", "cancel"):
        appointments.give(inquiry=inquiry, slot=make.slots(doctor, DAY)[0], by=Actor.staff(make.front_desk()))
    inquiry.emails.update(state=MailState.SENT, sent_at=timezone.now())
    inquiry.call_tasks.update(state=CallState.DONE, done_at=timezone.now())
    inquiry.refresh_from_db()
    return inquiry


def pressed(client, verb: str, inquiry: Inquiry, doctor, **ticks: str):
    """The answer to the press, after which the page has not been shown yet."""
    address = f"/admin/appointments/inquiry/{inquiry.pk}/"
    held = as_seen(inquiry.appointments.of_the_patient())
    seen = {"version": str(inquiry.version), "held": held, "proposals": "", "idempotency_key": str(uuid4()), **ticks}
    if verb in ("give", "move"):
        slot = slot_codes.encode(make.slots(doctor, DAY)[3])
        return client.post(f"{address}times/", {"do": "give", "slot": slot, **seen})
    return client.post(f"{address}change/", {"do": f"time-{verb}", **seen})


def said(answer) -> list[str]:
    return [strip_tags(str(message)).removesuffix(" Undo") for message in get_messages(answer.wsgi_request)]


VERBS = ["give", "move", "cancel", "confirm"]
EMAIL = {"contact_by": "email", "email": "agnes@example.com"}


@pytest.mark.parametrize("contact", [EMAIL, {}], ids=["email", "phone"])
@pytest.mark.parametrize("verb", VERBS)
def test_who_hears_it_on_the_phone_gets_no_mail_and_no_call(desk, doctor, verb, contact):
    inquiry = asked(verb, doctor, contact)
    Inquiry.objects.update(answered_at=None)

    answer = pressed(desk, verb, inquiry, doctor, is_told="on")

    assert [sentence.rpartition(": ")[2] for sentence in said(answer) if sentence.endswith("They know.")] == [
        {
            "give": "given. They know.",
            "move": "moved from Tue, Nov. 24, 9 a.m. They know.",
            "cancel": "canceled. They know.",
            "confirm": "booked. They know.",
        }[verb]
    ]
    assert list(inquiry.emails.filter(state=MailState.WAITING).exclude(kind="reminder")) == []
    assert list(inquiry.call_tasks.open().exclude(kind="reminder")) == []
    assert [call.outcome for call in inquiry.calls.all()] == ["reached"]
    assert [line.what for line in history.lines(inquiry) if line.kind == "call"] == ["Reached."]
    inquiry.refresh_from_db()
    assert inquiry.answered_at == timezone.now()
    if verb != "cancel":
        assert inquiry.status == InquiryStatus.CLOSED


@pytest.mark.parametrize("verb", VERBS)
def test_who_wants_it_in_writing_too_gets_the_mail(desk, doctor, verb):
    inquiry = asked(verb, doctor, EMAIL)

    answer = pressed(desk, verb, inquiry, doctor, is_told="on", is_mailed="on")

    assert [sentence.endswith(" A mail goes out in two minutes, too.") for sentence in said(answer)][-1:] == [True]
    kinds = {"give": "booked", "move": "moved", "cancel": "cancelled", "confirm": "booked"}
    waiting = inquiry.emails.filter(state=MailState.WAITING).exclude(kind="reminder")
    assert [mail.kind for mail in waiting] == [kinds[verb]]
    assert [call.outcome for call in inquiry.calls.all()] == ["reached"]


@pytest.mark.parametrize("contact", [EMAIL, {}], ids=["email", "phone"])
@pytest.mark.parametrize("verb", VERBS)
def test_without_the_tick_the_usual_notices_go(desk, doctor, verb, contact):
    inquiry = asked(verb, doctor, contact)

    pressed(desk, verb, inquiry, doctor)

    mails = inquiry.emails.filter(state=MailState.WAITING).exclude(kind="reminder").count()
    calls = inquiry.call_tasks.open().exclude(kind="reminder").count()
    assert (mails, calls) == ((1, 0) if contact else (0, 1))
    assert inquiry.calls.count() == 0


def test_what_was_told_on_the_phone_is_what_they_know_when_it_changes_again(desk, doctor):
    inquiry = asked("move", doctor, EMAIL)
    pressed(desk, "move", inquiry, doctor, is_told="on")
    inquiry.refresh_from_db()

    pressed(desk, "cancel", inquiry, doctor)

    waiting = inquiry.emails.filter(state=MailState.WAITING)
    assert [mail.kind for mail in waiting] == ["cancelled"]


def test_the_desk_offers_the_tick_beside_the_buttons_of_a_time_and_on_the_page_of_times(desk, doctor):
    by_mail, by_phone = asked("move", doctor, EMAIL), make.inquiry()
    appointments.give(inquiry=by_phone, slot=make.slots(doctor, DAY)[1], by=Actor.staff(make.front_desk()))

    ticks = {
        (whose, page): re.findall(
            r'name="(is_told|is_mailed)"', desk.get(f"/admin/appointments/inquiry/{inquiry.pk}/{page}/").text
        )
        for whose, inquiry in (("mail", by_mail), ("phone", by_phone))
        for page in ("change", "times")
    }

    assert ticks == {
        ("mail", "change"): ["is_told", "is_mailed"],
        ("mail", "times"): ["is_told", "is_mailed"],
        ("phone", "change"): ["is_told"],
        ("phone", "times"): ["is_told"],
    }


def test_a_call_that_reached_them_did_not_fail(desk, doctor):
    inquiry = asked("cancel", doctor, EMAIL)

    answer = pressed(desk, "cancel", inquiry, doctor, is_told="on", outcome="no_answer")

    assert "You ticked that you are on the phone with them: then they are reached." in answer.text
    assert inquiry.appointments.get().status == "booked"
    assert inquiry.calls.count() == 0


def test_who_may_not_write_down_calls_has_no_tick(client, doctor):
    user = make.user()
    codenames = ("view_inquiry", "change_inquiry", "change_appointment")
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    inquiry = asked("move", doctor, EMAIL)

    pressed(client, "move", inquiry, doctor, is_told="on")

    assert "is_told" not in client.get(f"/admin/appointments/inquiry/{inquiry.pk}/change/").text
    assert inquiry.calls.count() == 0
    assert inquiry.emails.filter(state=MailState.WAITING, kind="moved").count() == 1
