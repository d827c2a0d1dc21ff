"""Each post on an own page is answered by a first line that says what was done, and is true."""

import re
from datetime import date, datetime

import pytest
import time_machine
from django.utils import timezone
from django.utils.html import strip_tags

from appointments.actors import Actor
from appointments.bookings import appointments, proposals, submissions
from appointments.inquiries import conversation
from appointments.models import Appointment, Inquiry, Schedule
from appointments.public import done
from appointments.scheduling import slot_codes
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
VISITOR = Actor.visitor()
ANOTHER = "If you have another appointment with us that you do not need, please cancel it or call us."


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))


@pytest.fixture
def rosa():
    return make.inquiry(name="Rosa Lind", contact_by="email", email="rosa@example.com")


def booked(inquiry: Inquiry, doctor, place: int = 4) -> Appointment:
    return appointments.book(inquiry=inquiry, slot=make.slots(doctor, TUESDAY)[place], by=VISITOR)


def offered(inquiry: Inquiry, doctor) -> list[Appointment]:
    until = datetime.fromisoformat("2026-11-23T22:00:00+00:00")
    by = Actor.staff(make.front_desk())
    return proposals.propose(inquiry=inquiry, slots=make.slots(doctor, TUESDAY)[:2], until=until, by=by)


def form_on(inquiry: Inquiry, rest: str, button: str) -> dict[str, str]:
    """What the form with this button posts, as the page is now."""
    html = Patient().get(inquiry.own_page_url() + rest).content.decode()
    form = next(each for each in re.findall(r"<form.*?</form>", html, re.DOTALL) if button in each)
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def first_line(answer) -> str:
    """What stands in the line that is told at once; nothing, where there is none."""
    assert answer.status_code == 200
    found = re.findall(r'<p class="done" role="status">([^<]*)</p>', answer.content.decode())
    return " ".join(found)


def below_the_time(answer) -> str:
    """What is told below what can be done with a time."""
    return " ".join(re.findall(r'</ul>\s*<p role="status">([^<]*)</p>', answer.content.decode()))


def said(inquiry: Inquiry, rest: str, button: str, page: str = "", **data: str) -> str:
    form = form_on(inquiry, page, button) | data
    return first_line(Patient().post(inquiry.own_page_url() + rest, form, follow=True))


class TestEachPost:
    def test_a_reply(self, rosa):
        assert said(rosa, "reply/", "Send", words="Thank you") == "You wrote to us. It has arrived."

    @pytest.mark.parametrize("at_once", [True, False])
    def test_a_time_is_said_by_the_title_and_what_to_do_with_another_one_below_it(self, rosa, at_once):
        doctor = make.practitioner(visit=make.visit_type(booked_at_once=at_once))
        code = f"{doctor.schedules.get().visit_type_id}-{doctor.pk}-20261124T160000Z"

        form = form_on(rosa, f"times/?slot={code}", "Take this time") | {"slot": code}
        answer = Patient().post(f"{rosa.own_page_url()}times/", form, follow=True)

        assert (first_line(answer), below_the_time(answer)) == ("", ANOTHER)
        assert answer.content.decode().count("We are holding this appointment for you.") == (not at_once)

    def test_a_time_with_the_form(self, doctor):
        code = f"{doctor.schedules.get().visit_type_id}-{doctor.pk}-20261124T160000Z"
        data = make.form_data(kind="appointment", message="", slot=code)

        answer = Patient().post("/appointments/", data, follow=True)

        assert (first_line(answer), below_the_time(answer)) == ("", ANOTHER)

    def test_moving(self, rosa, doctor):
        booked(rosa, doctor)
        code = f"{doctor.schedules.get().visit_type_id}-{doctor.pk}-20261124T150000Z"

        line = said(rosa, "times/", "Move to this time", f"times/?slot={code}", slot=code)

        assert line == "Your appointment has moved. Your new time is below."

    def test_choosing_somebody_else_at_the_same_time(self, rosa, doctor):
        visit = booked(rosa, doctor)
        other = make.practitioner("John Roe, M.D.", visit=visit.visit_type)
        code = slot_codes.encode(visit.slot._replace(practitioner_id=other.pk))
        asked = Patient().get(f"{rosa.own_page_url()}times/?slot={code}").content.decode()
        assert f"Somebody else will see you: until now it was {doctor.name}." in strip_tags(asked)

        line = said(rosa, "times/", "Change my appointment", f"times/?slot={code}", slot=code)

        assert line == "The time of your appointment stays. Somebody else will see you."
        page = strip_tags(Patient().get(rosa.own_page_url()).content.decode())
        assert f"The time stays. Instead of {doctor.name}, John Roe, M.D. will see you." in page
        assert "moved" not in page

    def test_choosing_another_kind_of_visit_at_the_same_time(self, rosa, doctor):
        booked(rosa, doctor)
        short = make.visit_type("Follow-up", minutes=20)
        Schedule.objects.create(practitioner=doctor, visit_type=short, is_online=True)
        code = f"{short.pk}-{doctor.pk}-{rosa.appointments.get().starts_at:%Y%m%dT%H%M%SZ}"

        line = said(rosa, "times/", "Change my appointment", f"times/?slot={code}", slot=code)

        assert line == "Your appointment has changed."
        assert rosa.emails.filter(state="waiting").latest("pk").kind == "booked"

    def test_an_offer_of_the_same_time_with_somebody_else(self, rosa, doctor):
        visit = booked(rosa, doctor)
        other = make.practitioner("John Roe, M.D.", visit=visit.visit_type)
        until = datetime.fromisoformat("2026-11-23T22:00:00+00:00")
        slots = [visit.slot._replace(practitioner_id=other.pk)]
        (offer,) = proposals.propose(inquiry=rosa, slots=slots, until=until, by=Actor.staff(make.front_desk()))
        page = Patient().get(rosa.own_page_url()).content.decode()
        assert "<br>The time stays, somebody else sees you</button>" in page

        line = said(rosa, "offers/", 'name="none"', proposal=str(offer.pk))

        assert line == "The time of your appointment stays. Somebody else will see you."

    def test_cancelling(self, rosa, doctor):
        booked(rosa, doctor)

        line = said(rosa, "cancel/", "Yes, cancel it", "cancel/")

        assert line == "Your appointment is canceled."

    def test_cancelling_what_is_held_while_the_request_is_checked(self, doctor):
        code = f"{doctor.schedules.get().visit_type_id}-{doctor.pk}-20261124T160000Z"
        data = make.form_data(kind="appointment", message="", slot=code, sum="", check_by_hand="on")
        Patient().post("/appointments/", data)
        inquiry = Inquiry.objects.get()

        line = said(inquiry, "cancel/", "Yes, cancel it", "cancel/")

        assert line == "Your appointment is canceled."
        assert "asked for this time" not in Patient().get(inquiry.own_page_url()).content.decode()

    @pytest.mark.parametrize(
        ("has_time", "words"),
        [
            (True, "You keep the appointment that you have."),
            (False, "You have turned these times down. We will look for another one."),
        ],
    )
    def test_none_of_the_offered_times(self, rosa, doctor, has_time, words):
        if has_time:
            booked(rosa, doctor)
        offered(rosa, doctor)

        assert said(rosa, "offers/", 'name="none"', none="") == words

    @pytest.mark.parametrize(
        ("has_time", "words"),
        [
            (True, "Your appointment has moved. Your new time is below."),
            (False, ""),
        ],
    )
    def test_one_of_the_offered_times(self, rosa, doctor, has_time, words):
        if has_time:
            booked(rosa, doctor)
        first, _second = offered(rosa, doctor)

        assert said(rosa, "offers/", 'name="none"', proposal=str(first.pk)) == words

    def test_they_will_come(self, rosa, doctor):
        booked(rosa, doctor)

        assert said(rosa, "coming/", "I will come", yes="") == "Thank you for telling us that you will come."

    def test_an_earlier_time_and_no_earlier_one(self, rosa, doctor):
        booked(rosa, doctor)

        on = said(rosa, "earlier/", "Tell me if an earlier time", on="")
        off = said(rosa, "earlier/", "Stop looking for an earlier time", off="")

        assert on == "We will tell you if an earlier time opens up. Until then, this appointment stays yours."
        assert off == "You keep this appointment. We look for no earlier one."

    def test_asking_the_front_desk(self, rosa, doctor):
        line = said(rosa, "times/", "Have us find a time for you", "times/", ask="")

        assert line == "You have asked us for an appointment. The front desk will look for a time."

    def test_no_more_reminders(self, rosa):
        line = first_line(Patient().post(rosa.own_page_url() + "reminders/"))

        assert line == "We send you no reminders by email. We remind you by phone instead."


class TestTruth:
    @pytest.mark.parametrize(
        "word", [*done.FIRST_LINES, *done.BELOW_THE_TIME, "sent", "x", "", "<b>", "booked%00", "__class__"]
    )
    def test_a_word_that_is_not_true_says_nothing(self, word):
        # A question that nobody has promised to answer any longer, without a time or a message.
        inquiry = make.inquiry(kind="question", message="Why?")
        Inquiry.objects.update(status="closed")

        answer = Patient().get(inquiry.own_page_url(), {"done": word})

        assert first_line(answer) == ""
        assert b"<b>" not in answer.content

    @pytest.mark.parametrize("word", ["moved", "cancelled", "held", "declined", "kept", "asked", "earlier", "written"])
    def test_of_a_time_that_is_booked_only_that_is_said(self, rosa, doctor, word):
        booked(rosa, doctor)

        assert first_line(Patient().get(rosa.own_page_url(), {"done": word})) == ""

    def test_a_time_that_we_took_away_is_not_called_theirs(self, rosa, doctor):
        booked(rosa, doctor)
        Appointment.objects.update(displaced_at=timezone.now())

        assert first_line(Patient().get(rosa.own_page_url(), {"done": "booked"})) == ""

    def test_writing_is_said_of_the_patient_and_not_of_the_clinic(self, rosa):
        ann = Actor.staff(make.front_desk())
        conversation.reply(inquiry=rosa, words="Yes.", version=1, by=ann)

        assert first_line(Patient().get(rosa.own_page_url(), {"done": "written"})) == ""


def test_an_offer_in_place_of_a_time_that_was_only_held_is_no_move(doctor):
    wish = {"kind": "appointment", "name": "Ida", "contact_by": "phone", "phone": "212 555 0123"}
    inquiry = Inquiry(submission_id="ida", **wish, screening="by_hand", screening_reason="asked")
    submissions.submit_and_book(inquiry=inquiry, slot=make.slots(doctor, TUESDAY)[4], by=VISITOR)
    chosen = offered(inquiry, doctor)[0]
    said = form_on(inquiry, "", 'name="proposal"') | {"proposal": chosen.pk}

    answer = Patient().post(f"{inquiry.own_page_url()}offers/", said, follow=True)

    assert (first_line(answer), below_the_time(answer)) == ("", ANOTHER)
