"""A request with a time: stored first, then booked; its writer hears of it once."""

from datetime import date, datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from appointments import limits
from appointments.actors import Actor
from appointments.bookings import appointments, displacement, proposals, statuses, submissions, waiting_list
from appointments.bookings.follow_up import mark_as_spam
from appointments.errors import HasAppointment, NotPossible, SlotTaken, TooManyHeld
from appointments.inquiries import lifecycle
from appointments.models import Appointment, AppointmentStatus, Inquiry, InquiryStatus, MailState
from appointments.notifications import outbox
from appointments.records import history
from appointments.scheduling import slot_codes
from clinic import email_url
from tests import make, racing, smtp
from tests.patient import Patient

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
VISITOR = Actor.visitor()


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def server(settings):
    with smtp.running() as server:
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
        yield server


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))


def rosa(**fields) -> Inquiry:
    defaults = {
        "submission_id": "rosa", "kind": "appointment", "name": "Rosa Lind", "contact_by": "email",
        "email": "rosa@example.com", "sum_solved": True,
    }  # fmt: skip
    return Inquiry(**defaults | fields)


def submit(slot, **fields) -> submissions.Submitted:
    return submissions.submit_and_book(inquiry=rosa(**fields), slot=slot, by=VISITOR)


def mails() -> list[tuple[str, str]]:
    """Kind and state of each mail to the writer."""
    return [(mail.kind, mail.state) for mail in Inquiry.objects.get().emails.order_by("pk")]


class TestWhatBecomesOfIt:
    def test_a_free_time_is_theirs(self, doctor):
        slot = make.slots(doctor, TUESDAY)[0]

        sent = submit(slot)

        assert (sent.inquiry, sent.is_new, sent.refusal) == (Inquiry.objects.get(), True, None)
        assert sent.appointment == sent.inquiry.appointments.get()
        assert sent.appointment.slot == slot

    def test_when_the_time_is_gone_the_request_is_stored_and_the_refusal_returned(self, doctor):
        slot = make.slots(doctor, TUESDAY)[0]
        appointments.book(inquiry=make.inquiry(), slot=slot, by=VISITOR)

        sent = submit(slot)

        assert (sent.inquiry.name, sent.is_new, sent.appointment) == ("Rosa Lind", True, None)
        assert isinstance(sent.refusal, SlotTaken)

    def test_a_question_takes_no_time(self, doctor):
        sent = submit(make.slots(doctor, TUESDAY)[0], kind="question", message="Why?")

        assert (sent.appointment, sent.refusal) == (None, None)

    def test_sent_again_it_gets_the_time_that_the_first_one_did_not_try(self, doctor):
        slot = make.slots(doctor, TUESDAY)[0]
        first = submit(None)

        again = submit(slot)

        assert (again.inquiry, again.is_new, again.appointment.slot) == (first.inquiry, False, slot)

    @pytest.mark.parametrize("is_cancelled", [False, True])
    def test_sent_again_it_gets_no_second_time_nor_one_that_was_cancelled(self, doctor, is_cancelled):
        first, second = make.slots(doctor, TUESDAY)[:2]
        given = submit(first).appointment
        if is_cancelled:
            statuses.cancel(appointment=given, by=VISITOR)

        for slot in (first, second):
            assert isinstance(submit(slot).refusal, HasAppointment)

        status = AppointmentStatus.CANCELLED if is_cancelled else AppointmentStatus.BOOKED
        assert [(each.slot, each.status) for each in given.inquiry.appointments.all()] == [(first, status)]


@pytest.mark.parametrize("is_seen", [True, False], ids=["patient", "staff"])
def test_an_offer_is_taken_though_what_was_held_meanwhile_has_ended(doctor, clock, is_seen):
    by = Actor.staff(make.front_desk())
    held = submit(make.slots(doctor, TUESDAY)[0], screening="by_hand", screening_reason="asked").appointment
    slot = make.slots(doctor, date(2026, 11, 27))[0]
    [offer] = proposals.propose(inquiry=held.inquiry, slots=[slot], until=slot.starts_at, by=by)
    clock.move_to(held.held_until + timedelta(seconds=5))

    taken = proposals.accept(
        proposal=offer, by=VISITOR if is_seen else by, instead_of=(held.pk, held.version) if is_seen else None
    )

    assert (taken.pk, taken.status) == (offer.pk, AppointmentStatus.BOOKED)


class TestMails:
    def test_whoever_is_offered_nothing_any_longer_still_hears_that_we_have_the_request(self, server, doctor, clock):
        by, inquiry = Actor.staff(make.front_desk()), submit(None).inquiry
        until = timezone.now() + timedelta(hours=2)
        proposals.propose(inquiry=inquiry, slots=make.slots(doctor, TUESDAY)[:1], until=until, by=by)
        proposals.decline(inquiry=inquiry, by=by)
        clock.shift(timedelta(seconds=61))

        make.two_minutes_pass()
        outbox.send_due()

        assert mails() == [("received", MailState.SENT), ("offered", MailState.CANCELLED)]

    def between(self, monkeypatch, act) -> None:
        """Let something happen after the request is stored and before its time is tried."""
        book = appointments.book

        def booked(**what):
            act()
            return book(**what)

        monkeypatch.setattr(appointments, "book", booked)

    def test_a_worker_that_is_faster_than_the_booking_sends_one_mail(self, doctor, server, clock, monkeypatch):
        self.between(monkeypatch, outbox.send_due)

        submit(make.slots(doctor, TUESDAY)[0])
        make.two_minutes_pass()
        outbox.send_due()
        clock.shift(timedelta(minutes=2))
        make.two_minutes_pass()
        outbox.send_due()

        assert mails() == [("received", MailState.CANCELLED), ("booked", MailState.SENT)]
        assert server.to()["rosa@example.com"] == 1

    def test_when_all_stops_between_the_two_they_hear_that_we_have_it(self, doctor, server, clock, monkeypatch):
        def die():
            raise KeyboardInterrupt

        self.between(monkeypatch, die)
        with pytest.raises(KeyboardInterrupt):
            submit(make.slots(doctor, TUESDAY)[0])

        clock.shift(timedelta(seconds=59))
        make.two_minutes_pass()
        outbox.send_due()
        assert mails() == [("received", MailState.WAITING)]
        clock.shift(timedelta(seconds=1))
        make.two_minutes_pass()
        outbox.send_due()

        assert mails() == [("received", MailState.SENT)]

    @pytest.mark.parametrize("kind", ["appointment", "question"])
    def test_without_a_time_they_hear_that_we_have_it(self, server, clock, kind):
        submit(None, kind=kind, message="Why?")

        clock.shift(timedelta(seconds=60))
        make.two_minutes_pass()
        outbox.send_due()

        assert mails() == [("received", MailState.SENT)]


BY_HAND = {"sum_solved": False, "screening": "by_hand", "screening_reason": "asked"}
ANSWER_BY = datetime.fromisoformat("2026-11-24T22:00:00+00:00")


def by_hand(slot, number: int = 0) -> submissions.Submitted:
    return submit(slot, submission_id=f"by hand {number}", email=f"rosa{number}@example.com", **BY_HAND)


class TestHeldToCheck:
    @pytest.mark.parametrize("reason", ["asked", "trap"])
    def test_it_is_kept_and_held_until_the_end_of_the_next_open_day_without_a_mail(self, doctor, reason):
        slot = make.slots(doctor, date(2026, 11, 26))[0]

        sent = submit(slot, **{**BY_HAND, "screening_reason": reason})

        sent.inquiry.refresh_from_db()
        assert sent.inquiry.wish == slot
        assert (sent.appointment.status, sent.appointment.held_until) == (AppointmentStatus.PENDING, ANSWER_BY)
        assert slot not in make.slots(doctor, date(2026, 11, 26))
        assert mails() == []
        assert not sent.inquiry.call_tasks.exists()

    def test_none_is_held_after_it_begins(self, doctor):
        slot = make.slots(doctor, TUESDAY)[0]

        assert by_hand(slot).appointment.held_until == slot.starts_at

    def test_it_frees_itself(self, doctor, clock):
        slot = make.slots(doctor, date(2026, 11, 26))[0]
        held = by_hand(slot).appointment

        clock.move_to(ANSWER_BY)
        assert slot in make.slots(doctor, date(2026, 11, 26))
        proposals.expire_due()

        held.refresh_from_db()
        assert held.status == AppointmentStatus.CANCELLED
        assert held.inquiry.appointments.of_the_patient() is None
        with timezone.override("America/New_York"):
            line = history.lines(held.inquiry)[-1]
        assert (line.who, line.what) == ("The site", "The time is no longer held: Nov. 26, 9 a.m.")
        assert appointments.book(inquiry=make.inquiry(), slot=slot, by=VISITOR).slot == slot

    def test_closing_the_request_frees_it(self, doctor):
        slot = make.slots(doctor, date(2026, 11, 26))[0]
        held = by_hand(slot).appointment
        held.inquiry.refresh_from_db()

        lifecycle.transition(
            inquiry=held.inquiry,
            to=InquiryStatus.CLOSED,
            version=held.inquiry.version,
            by=Actor.staff(make.front_desk()),
        )

        held.refresh_from_db()
        assert (held.status, held.version) == (AppointmentStatus.CANCELLED, 2)
        assert slot in make.slots(doctor, date(2026, 11, 26))

    def test_going_back_after_cancelling_it_is_calm(self, doctor):
        held = by_hand(make.slots(doctor, date(2026, 11, 26))[0]).appointment
        address = held.inquiry.own_page_url()
        seen = {"appointment": str(held.pk), "version": str(held.version)}
        assert Patient().post(f"{address}cancel/", seen).status_code == 303

        page = Patient().get(f"{address}cancel/", follow=True)

        assert page.redirect_chain == [(f"{address}?done=cancelled", 302)]
        assert "Your appointment is canceled." in page.content.decode()

    def test_whoever_books_it_next_frees_it_where_no_worker_did(self, doctor, clock):
        slot = make.slots(doctor, date(2026, 11, 26))[0]
        by_hand(slot)

        clock.move_to(ANSWER_BY)

        assert appointments.book(inquiry=make.inquiry(), slot=slot, by=VISITOR).slot == slot

    def test_beyond_the_limit_it_is_a_wish_only(self, doctor):
        slots = make.slots(doctor, TUESDAY)
        for number in range(limits.HELD_TO_CHECK):
            assert by_hand(slots[number], number).appointment

        sent = by_hand(slots[7], 7)

        sent.inquiry.refresh_from_db()
        assert (sent.appointment, type(sent.refusal), sent.inquiry.wish) == (None, TooManyHeld, slots[7])
        assert slots[7] in make.slots(doctor, TUESDAY)

    def test_another_time_takes_its_place(self, doctor):
        first, second = make.slots(doctor, TUESDAY)[:2]
        by_hand(first)

        sent = by_hand(second)

        sent.inquiry.refresh_from_db()
        assert (sent.appointment.slot, sent.inquiry.wish) == (second, second)
        assert first in make.slots(doctor, TUESDAY)

    def test_spam_frees_it(self, doctor):
        slot = make.slots(doctor, TUESDAY)[0]
        inquiry = by_hand(slot).inquiry
        inquiry.refresh_from_db()

        mark_as_spam(inquiry=inquiry, version=inquiry.version, by=Actor.staff(make.front_desk()))

        assert slot in make.slots(doctor, TUESDAY)

    def test_its_writer_cannot_move_it_but_can_cancel_it_and_nobody_is_mailed(self, doctor):
        slots = make.slots(doctor, TUESDAY)
        held = by_hand(slots[0]).appointment

        with pytest.raises(NotPossible):
            appointments.reschedule(appointment=held, slot=slots[1], by=VISITOR)
        statuses.cancel(appointment=held, by=VISITOR)

        assert slots[0] in make.slots(doctor, TUESDAY)
        assert Inquiry.objects.get().wish is None
        assert mails() == []

    @pytest.mark.parametrize("how", ["confirm", "move", "give"])
    def test_what_the_desk_gives_is_theirs_and_told(self, doctor, how, clock):
        slots, ann = make.slots(doctor, date(2026, 11, 26)), Actor.staff(make.front_desk())
        held = by_hand(slots[0]).appointment
        if how == "give":
            clock.move_to(ANSWER_BY)
            proposals.expire_due()
            given = appointments.give(inquiry=held.inquiry, slot=slots[0], by=ann)
        elif how == "move":
            given = appointments.reschedule(appointment=held, slot=slots[1], by=ann)
        else:
            given = statuses.change_status(appointment=held, to=AppointmentStatus.BOOKED, by=ann)

        given.refresh_from_db()
        assert (given.status, given.held_until) == (AppointmentStatus.BOOKED, None)
        assert Inquiry.objects.get().screening == "passed"
        assert mails() == [("booked", MailState.WAITING)]

    def test_a_closure_frees_it_and_displaces_nobody(self, doctor):
        held = by_hand(make.slots(doctor, TUESDAY)[0]).appointment

        with displacement.changing_hours(by=Actor.staff(make.front_desk())) as affected:
            doctor.closures.create(name="Ill", starts_at="2026-11-24T05:00Z", ends_at="2026-11-25T05:00Z")

        assert [(each, each.is_held_for_a_while) for each in affected] == [(held, True)]
        assert [(each.status, each.displaced_at) for each in Appointment.objects.all()] == [("cancelled", None)]

    def test_sent_again_too_late_nothing_comes_of_it(self, doctor, clock):
        submit(None)
        clock.shift(limits.SAME_VISITOR_FOR + timedelta(seconds=1))

        sent = submit(make.slots(doctor, TUESDAY)[0])

        assert (sent.is_new, sent.is_late, sent.appointment) == (False, True, None)
        assert not Appointment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_those_who_come_at_once_no_more_are_held_than_the_limit():
    slots = [make.slots(make.practitioner(), TUESDAY)[0] for _ in range(limits.HELD_TO_CHECK + 3)]

    racing.at_once(*(partial(by_hand, slot, number) for number, slot in enumerate(slots)))

    assert Appointment.objects.held_to_check(timezone.now()).count() == limits.HELD_TO_CHECK
    assert Inquiry.objects.exclude(wished_at=None).count() == len(slots)


@pytest.mark.django_db(transaction=True)
def test_nor_of_those_that_are_held_again_at_once():
    ann = Actor.staff(make.front_desk())
    slots = [make.slots(make.practitioner(), TUESDAY)[0] for _ in range(limits.HELD_TO_CHECK + 3)]
    cancelled = []
    for number, slot in enumerate(slots):
        held = by_hand(slot, number).appointment
        cancelled.append(statuses.cancel(appointment=held, by=ann))

    ended = racing.at_once(*(partial(statuses.undo, appointment=each, by=ann) for each in cancelled))

    assert ended == {"ok": limits.HELD_TO_CHECK, "TooManyHeld": 3}


class TestAHoldThatHasEnded:
    """Its patient has no time any longer, whether or not the job of the minute has cleared it away."""

    @pytest.fixture
    def inquiry(self, doctor, clock) -> Inquiry:
        held = by_hand(make.slots(doctor, date(2026, 11, 26))[0]).appointment
        held.inquiry.refresh_from_db()
        lifecycle.release(inquiry=held.inquiry, version=held.inquiry.version, by=Actor.staff(make.front_desk()))
        clock.move_to(held.held_until)
        return held.inquiry

    @pytest.fixture
    def slot(self, doctor):
        other = make.practitioner(visit=doctor.schedules.get().visit_type)
        return make.slots(other, date(2026, 11, 26))[4]

    def test_they_may_choose_a_time_with_anybody(self, inquiry, slot):
        assert appointments.book(inquiry=inquiry, slot=slot, by=VISITOR).slot == slot

    def test_they_choose_it_on_their_own_page(self, inquiry, slot):
        address = reverse("inquiry_times", args=[inquiry.key])

        answer = Patient().post(address, {"slot": slot_codes.encode(slot)})

        assert answer.headers["Location"] == f"{inquiry.own_page_url()}?done=booked"

    def test_they_may_ask_for_one(self, inquiry):
        waiting_list.ask_for_time(inquiry=inquiry, by=VISITOR)

        inquiry.refresh_from_db()
        assert inquiry.is_promised

    def test_there_is_no_time_to_come_before(self, inquiry):
        with pytest.raises(NotPossible):
            waiting_list.join_or_leave(inquiry=inquiry, on=True, by=VISITOR)

    def test_nothing_is_left_to_be_confirmed_once_times_are_offered(self, inquiry, slot):
        until = timezone.now() + timedelta(hours=2)
        proposals.propose(inquiry=inquiry, slots=[slot], until=until, by=Actor.staff(make.front_desk()))

        inquiry.refresh_from_db()
        assert inquiry.status == InquiryStatus.WAITING_FOR_PATIENT
