"""A request with a time: stored first, then booked; its writer hears of it once."""

from datetime import date, timedelta

import pytest
import time_machine

from appointments.actors import Actor
from appointments.bookings import appointments, requests
from appointments.errors import HasAppointment, SlotTaken
from appointments.models import AppointmentStatus, Inquiry, MailState
from appointments.notifications import outbox
from clinic import email_url
from tests import make, smtp

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


def submit(slot, **fields) -> requests.Submitted:
    return requests.submit_and_book(inquiry=rosa(**fields), slot=slot, by=VISITOR)


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
            appointments.cancel(appointment=given, by=VISITOR)

        for slot in (first, second):
            assert isinstance(submit(slot).refusal, HasAppointment)

        status = AppointmentStatus.CANCELLED if is_cancelled else AppointmentStatus.BOOKED
        assert [(each.slot, each.status) for each in given.inquiry.appointments.all()] == [(first, status)]


class TestMails:
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
        outbox.send_due()
        clock.shift(timedelta(minutes=2))
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
        outbox.send_due()
        assert mails() == [("received", MailState.WAITING)]
        clock.shift(timedelta(seconds=1))
        outbox.send_due()

        assert mails() == [("received", MailState.SENT)]

    @pytest.mark.parametrize("kind", ["appointment", "question"])
    def test_without_a_time_they_hear_that_we_have_it(self, server, clock, kind):
        submit(None, kind=kind, message="Why?")

        clock.shift(timedelta(seconds=60))
        outbox.send_due()

        assert mails() == [("received", MailState.SENT)]
