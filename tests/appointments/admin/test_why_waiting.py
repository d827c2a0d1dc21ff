"""What the lists say of each inquiry: why it waits, and what its people wrote last."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments.actors import Actor
from appointments.admin.lists.why_waiting import why_waiting
from appointments.bookings import appointments, proposals, statuses
from appointments.inquiries import conversation
from appointments.models import CallTask, Email, Inquiry, InquiryStatus, MailState
from appointments.models.log import Outcome
from appointments.models.own_link import LinkState
from tests import make

pytestmark = pytest.mark.django_db

INBOX = "/admin/appointments/inquiry/"
MONDAY, FRIDAY = date(2026, 11, 30), date(2026, 12, 11)
VISITOR = Actor.visitor()


@pytest.fixture(autouse=True)
def clock():
    """Thursday noon in New York."""
    zone = make.clinic().zone
    with time_machine.travel("2026-11-26T17:00:00Z", tick=False) as clock, timezone.override(zone):
        yield clock


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk())


@pytest.fixture
def doctor():
    return make.practitioner(visit=make.visit_type(booked_at_once=False))


def at_ten(doctor, day=MONDAY):
    return make.slots(doctor, day)[2]


def why(inquiry: Inquiry) -> str:
    inquiry = Inquiry.objects.get(pk=inquiry.pk)
    return why_waiting([inquiry], timezone.now())[inquiry.pk].why


def in_vain(inquiry: Inquiry, times: int, by: Actor, outcome: Outcome = Outcome.NO_ANSWER) -> None:
    for _ in range(times):
        conversation.log_call(inquiry=inquiry, outcome=outcome, by=by)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"seen_before": "no"}, "wants a first visit"),
        ({"seen_before": "yes"}, "wants a visit"),
        ({"kind": "question", "message": "May I\n garden?"}, "asks: “May I garden?”"),
        ({"screening": "by_hand", "screening_reason": "links"}, "There are many links in it"),
        ({"link_state": LinkState.NOT_THEIRS}, "our mail reached somebody else"),
        ({"status": InquiryStatus.CLOSED}, ""),
    ],
)
def test_what_nobody_has_worked_yet_says_what_it_wants(fields, said):
    assert why(make.inquiry(**fields)) == said


def test_a_time_that_was_asked_for_is_named(doctor):
    inquiry = make.inquiry()
    inquiry.set_wish(at_ten(doctor))
    inquiry.save()

    assert why(inquiry) == "wants Mon 10 a.m."


def test_a_visit_that_the_patient_canceled_is_named(doctor):
    inquiry = make.inquiry()
    booked = appointments.book(inquiry=inquiry, slot=at_ten(doctor), by=VISITOR)

    statuses.cancel(appointment=booked, by=VISITOR)

    assert why(inquiry) == "canceled Mon 10 a.m."


def test_a_day_of_another_week_is_named_by_its_date(doctor, ann):
    booked = appointments.give(inquiry=make.inquiry(), slot=at_ten(doctor, FRIDAY), by=ann)

    statuses.cancel(appointment=booked, by=VISITOR)

    assert why(booked.inquiry) == "canceled Dec. 11, 10 a.m."


def test_what_they_wrote_back_is_said_until_somebody_answers_it(ann, clock):
    inquiry = make.inquiry(email="rosa@example.com", message="First words")
    conversation.write_back(inquiry=inquiry, words="Can my son park at your door? " * 9)
    begins = "Can my son park at your door? " * 3

    [waits] = why_waiting([inquiry], timezone.now()).values()

    assert waits.why == f"wrote back: “{begins.strip()[:89]}…”"
    assert waits.words == ""
    clock.shift(timedelta(minutes=1))
    conversation.reply(inquiry=inquiry, words="Yes.", version=Inquiry.objects.get().version, by=ann)
    Inquiry.objects.update(status=InquiryStatus.OPEN)
    assert why(inquiry) == "wants a visit"


def test_the_newest_of_two_is_said(doctor, clock):
    inquiry = make.inquiry()
    booked = appointments.book(inquiry=inquiry, slot=at_ten(doctor), by=VISITOR)
    statuses.cancel(appointment=booked, by=VISITOR)

    clock.move_to("2090-01-02T17:00:00Z")  # The moment of canceling is by the database's clock.
    conversation.write_back(inquiry=inquiry, words="Please call.")

    assert why(inquiry) == "wrote back: “Please call.”"


def test_an_offer_that_nobody_took_in_time_ran_out(doctor, ann, clock):
    inquiry = make.inquiry()
    until = timezone.now() + timedelta(hours=1)
    proposals.propose(inquiry=inquiry, slots=[at_ten(doctor)], until=until, by=ann)
    clock.shift(timedelta(hours=2))

    proposals.expire(inquiry=inquiry)

    assert why(inquiry).endswith("offer ran out")


def test_an_offer_that_they_turned_down_did_not_run_out(doctor, ann, clock):
    inquiry = make.inquiry()
    until = timezone.now() + timedelta(hours=1)
    proposals.propose(inquiry=inquiry, slots=[at_ten(doctor)], until=until, by=ann)
    proposals.decline(inquiry=inquiry, by=VISITOR)
    clock.shift(timedelta(hours=2))

    assert "ran out" not in why(inquiry)


def test_a_time_that_is_held_is_to_be_confirmed(doctor):
    inquiry = make.inquiry(message="I bring my son.")

    appointments.book(inquiry=inquiry, slot=at_ten(doctor), by=VISITOR)

    assert why(inquiry) == "to be confirmed: Mon 10 a.m."


def test_a_visit_that_is_booked_and_has_words_to_read_says_both(ann):
    booked = make.appointment(make.inquiry(message="I bring my son."), "2026-11-26T20:00:00+00:00")

    assert why(booked.inquiry) == "has today 3 p.m.; wrote: “I bring my son.”"


def test_a_patient_who_does_not_know_of_a_lost_time_is_named():
    lost = make.appointment(make.inquiry(), "2026-11-30T15:00:00+00:00", displaced_at=timezone.now())

    assert why(lost.inquiry) == "does not know yet that Mon 10 a.m. is lost"


def test_calls_in_vain_are_counted_since_the_last_words_of_the_patient(ann, clock):
    inquiry = make.inquiry(seen_before="no")
    in_vain(inquiry, 2, ann)
    assert why(inquiry) == "wants a first visit; no answer, 2 calls"
    clock.shift(timedelta(hours=1))

    conversation.write_back(inquiry=inquiry, words="Please call.")
    assert why(inquiry) == "wrote back: “Please call.”"
    clock.shift(timedelta(hours=1))
    in_vain(inquiry, 1, ann)
    assert why(inquiry) == "wrote back: “Please call.”; no answer, 1 call"


def test_a_call_that_reached_them_ends_the_count(ann):
    inquiry = make.inquiry()
    in_vain(inquiry, 2, ann)

    in_vain(inquiry, 1, ann, Outcome.REACHED)

    assert why(inquiry) == "wants a visit"


@pytest.mark.parametrize(
    ("state", "said"), [(MailState.BOUNCED, "mail came back"), (MailState.FAILED, "mail could not be sent")]
)
def test_a_mail_that_told_nobody_is_named(state, said):
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com", phone="")
    Email.objects.filter(inquiry=inquiry).update(state=state, sent_at=timezone.now())

    assert why(inquiry) == said


def test_an_answer_that_nobody_has_read_out_is_to_be_told_by_phone(ann, clock):
    inquiry = make.inquiry(message="May I garden?", kind="question")
    clock.shift(timedelta(minutes=1))

    conversation.reply(inquiry=inquiry, words="Yes.", version=1, by=ann)

    assert CallTask.objects.get().keeps_promise
    assert why(inquiry) == "to be told by phone: we have answered"


def test_lists_show_the_newest_words_with_the_reason_and_their_age(client, clock):
    inquiry = make.inquiry(seen_before="no", message="My back hurts <b>badly</b>.", sent=timedelta(days=2))
    client.force_login(make.front_desk())

    cells = (
        '<strong class="why">wants a first visit</strong> <span class="newest" dir="auto">'
        '“My back hurts &lt;b&gt;badly&lt;/b&gt;.”</span> <span class="quiet">2 days ago</span>'
    )
    assert cells in client.get("/admin/").text
    assert cells in client.get(INBOX).text
    conversation.write_back(inquiry=inquiry, words="It is worse.")
    for page in ("/admin/", INBOX):
        html = client.get(page).text
        assert '<strong class="why">wrote back: “It is worse.”</strong> <span class="quiet">just now</span>' in html
        assert "My back hurts" not in html


def test_it_takes_one_statement_for_any_number(doctor, django_assert_num_queries):
    first = make.inquiry()
    others = [make.inquiry() for _ in range(12)]
    for n, each in enumerate(others):
        statuses.cancel(
            appointment=appointments.book(inquiry=each, slot=make.slots(doctor, MONDAY)[n], by=VISITOR), by=VISITOR
        )
        conversation.write_back(inquiry=each, words="x")

    for rows in ([first], others[:1], [first, *others]):
        with django_assert_num_queries(1):
            why_waiting(rows, timezone.now())
