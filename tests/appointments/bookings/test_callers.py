"""The front desk enters a caller or somebody at the counter, and gives them a time, or only takes their message."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, callers
from appointments.errors import NotPossible, SlotTaken
from appointments.models import Appointment, CallState, Email, Inquiry, InquiryKind, InquiryStatus, MailState, VisitType
from appointments.models.inquiry_choices import ContactChannel, InquirySource
from appointments.records import history
from appointments.slots import Slot
from tests import make
from tests.racing import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Actor:
    make.clinic()
    return Actor.staff(make.front_desk(first_name="Ann", last_name="Reyes"))


@pytest.fixture
def slot():
    return make.slots(make.practitioner(), timezone.localdate() + timedelta(days=3))[0]


def person(**fields) -> Inquiry:
    defaults = {
        "kind": InquiryKind.APPOINTMENT, "source": InquirySource.PHONE, "name": "Agnes Moreau",
        "phone": "212 555 0199", "contact_by": ContactChannel.PHONE,
    }  # fmt: skip
    return Inquiry(**defaults | fields)


def walk_in(**fields) -> Inquiry:
    defaults = {"source": InquirySource.WALK_IN, "phone": "", "contact_by": ContactChannel.NOT_YET}
    return person(**defaults | fields)


@pytest.mark.parametrize(
    ("make_person", "source", "said", "called"),
    [
        (person, "phone", "Entered by Ann Reyes, by phone", "Reached."),
        (walk_in, "walk_in", "Entered by Ann Reyes, in person", "Reached. Told in person"),
    ],
)
def test_a_time_is_given_and_told_while_they_speak(ann, slot, make_person, source, said, called):
    made = callers.enter(person=make_person(), slot=slot, by=ann, idempotency_key=uuid4(), note="Low voice")

    stored = Inquiry.objects.get()
    assert (made, stored.source, stored.entered_by, stored.sum_solved) == (stored, source, ann.user, False)
    assert (stored.status, stored.answered_at is not None) == (InquiryStatus.CLOSED, True)
    assert stored.appointments.get().slot == slot
    assert [task.state for task in stored.call_tasks.exclude(kind="reminder")] == [CallState.DONE]
    assert list(stored.emails.all()) == []
    lines = [(line.who, line.what) for line in history.lines(stored) if line.kind in ("change", "note", "call")]
    assert (lines[0], ("Ann Reyes", "Low voice") in lines, ("Ann Reyes", called) in lines) == (
        ("Ann Reyes", said), True, True,
    )  # fmt: skip


def test_who_leaves_an_address_gets_the_confirmation_by_mail_too(ann, slot):
    callers.enter(person=person(email="agnes@example.com"), slot=slot, by=ann, idempotency_key=uuid4())

    stored = Inquiry.objects.get()
    waiting = stored.emails.filter(state=MailState.WAITING).exclude(kind="reminder")
    assert [(mail.kind, mail.to) for mail in waiting] == [("booked", "agnes@example.com")]
    assert (stored.status, stored.answered_at is not None) == (InquiryStatus.CLOSED, True)


def test_a_message_alone_waits_for_an_answer_as_promised(ann):
    callers.enter(
        person=person(kind=InquiryKind.QUESTION, message="May I swim?", email="a@example.com"), slot=None, by=ann,
        idempotency_key=uuid4(),
    )  # fmt: skip

    stored = Inquiry.objects.get()
    assert list(Inquiry.objects.waiting_for_us()) == [stored]
    assert (stored.is_promised, stored.message, Appointment.objects.count()) == (True, "May I swim?", 0)
    assert list(Email.objects.filter(inquiry=stored)) == []  # They were told on the phone that we have it.


def test_a_time_that_is_not_free_enters_nobody_without_a_reason(ann, slot):
    callers.enter(person=person(), slot=slot, by=ann, idempotency_key=uuid4())

    with pytest.raises(SlotTaken):
        callers.enter(person=person(name="Late One"), slot=slot, by=ann, idempotency_key=uuid4(), note="x")
    assert [each.name for each in Inquiry.objects.all()] == ["Agnes Moreau"]

    callers.enter(person=person(name="Late One"), slot=slot, by=ann, idempotency_key=uuid4(), reason="In great pain")
    given = Appointment.objects.get(inquiry__name="Late One")
    assert (given.overbooked, given.overbook_reason) == (True, "In great pain")


def test_who_stands_here_may_have_a_time_that_began_a_moment_ago(ann, slot):
    rules = VisitType.objects.get().rules
    now = timezone.now()
    began, long_ago = (
        Slot.starting_at(now - ago, rules, slot.practitioner_id)
        for ago in (timedelta(minutes=2), appointments.BEGUN_AT_MOST)
    )

    with pytest.raises(NotPossible):
        callers.enter(person=person(), slot=began, by=ann, idempotency_key=uuid4(), reason="Now")
    callers.enter(person=walk_in(), slot=began, by=ann, idempotency_key=uuid4(), reason="Now")
    with pytest.raises(NotPossible):
        callers.enter(person=walk_in(), slot=long_ago, by=ann, idempotency_key=uuid4(), reason="Now")

    assert [each.source for each in Inquiry.objects.all()] == [InquirySource.WALK_IN]


def test_the_same_twice_is_one_and_the_next_caller_over_it_is_another(ann, slot):
    key = uuid4()
    first = callers.enter(person=person(), slot=slot, by=ann, idempotency_key=key, note="Low voice")
    again = callers.enter(person=person(), slot=slot, by=ann, idempotency_key=key, note="Low voice")
    other = callers.enter(person=person(name="Sam Poe", message="x"), slot=None, by=ann, idempotency_key=key)

    assert (first == again, first == other, Inquiry.objects.count()) == (True, False, 2)
    assert (first.notes.count(), first.calls.count(), Appointment.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_enters_one(ann, slot):
    key = uuid4()

    def press() -> None:
        callers.enter(person=person(), slot=slot, by=ann, idempotency_key=key)

    assert at_once(press, press) == {"ok": 2}
    assert (Inquiry.objects.count(), Appointment.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"source": "phone"}, "only_a_walk_in_or_what_came_by_file_has_no_number_yet"),
        ({"source": "site", "phone": "1", "contact_by": "phone"}, "staff_enter_only_who_calls_or_comes"),
    ],
)
def test_the_database_refuses_a_caller_without_a_number_and_a_visitor_whom_staff_entered(ann, fields, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make.inquiry(**{"phone": "", "contact_by": "not_yet", "entered_by": ann.user} | fields)
