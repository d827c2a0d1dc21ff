"""While somebody holds a row for long, what patients send is stored, or stands before them to be sent again."""

from datetime import date

import pytest
import time_machine

from appointments.actors import Actor
from appointments.bookings import appointments, locking
from appointments.models import Appointment, Inquiry, Message
from appointments.scheduling import slot_codes
from tests import make
from tests.patient import Patient
from tests.racing import held, limits_of

pytestmark = pytest.mark.django_db(transaction=True)
TUESDAY = date(2026, 11, 24)
IS_BUSY = "Somebody else is changing this right now, so nothing was done."


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
        yield


@pytest.fixture(autouse=True)
def little_patience(monkeypatch):
    monkeypatch.setattr(locking, "FIRST_TRY", "20ms")
    with limits_of(lock_timeout="40ms"):
        yield


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_request_is_stored_with_its_wish_and_its_page_says_that_the_front_desk_finds_a_time(doctor, by_hand):
    slot = make.slots(doctor, TUESDAY)[0]
    data = make.form_data(kind="appointment", name="Rosa Lind", slot=slot_codes.encode(slot))
    if by_hand:
        data |= {"sum": "", "check_by_hand": "on"}
    with held(doctor):
        sent = Patient().post("/appointments/", data)
        page = Patient().get(sent.headers["Location"])

    inquiry = Inquiry.objects.get()
    done = "sent" if by_hand else "front-desk"
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{inquiry.own_page_url()}?done={done}")
    assert (inquiry.name, inquiry.wish, Appointment.objects.count()) == ("Rosa Lind", slot, 0)
    assert page.status_code == 200
    assert ("The front desk will find a time for you." in page.content.decode()) is not by_hand


def test_a_request_that_cannot_be_stored_stands_in_the_form_again(doctor):
    slot = make.slots(doctor, TUESDAY)[0]
    typed = {"name": "Rosa Lind", "reach_note": "After five", "message": "It hurts at night."}
    data = make.form_data(kind="appointment", **typed, slot=slot_codes.encode(slot))
    with held(make.inquiry()) as other:
        other.execute("LOCK TABLE appointments_inquiry IN SHARE MODE")
        answer = Patient().post("/appointments/", data)

    html = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"], Inquiry.objects.count()) == (503, "5", 1)
    assert "We could not take your message at this moment." in html
    assert [words for words in typed.values() if words not in html] == []
    assert f'name="slot" value="{slot_codes.encode(slot)}"' in html


class TestTheOwnPage:
    @pytest.fixture
    def inquiry(self):
        return make.inquiry()

    def test_a_move_is_asked_again_and_the_time_kept(self, doctor, inquiry):
        before, after = make.slots(doctor, TUESDAY)[:2]
        given = appointments.book(inquiry=inquiry, slot=before, by=Actor.visitor())
        chosen = {"slot": slot_codes.encode(after), "appointment": given.pk, "version": given.version}
        with held(doctor):
            answer = Patient().post(f"{inquiry.own_page_url()}times/", chosen)
        again = Patient().post(f"{inquiry.own_page_url()}times/", make.hidden_fields(answer.content.decode()))

        html = answer.content.decode()
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert IS_BUSY in html
        assert "You keep the appointment that you have." in html
        assert again.headers["Location"] == f"{inquiry.own_page_url()}?done=moved"
        assert Appointment.objects.get().slot == after

    def test_a_time_that_is_taken_meanwhile_leads_to_others(self, doctor, inquiry):
        slot = make.slots(doctor, TUESDAY)[0]
        appointments.book(inquiry=make.inquiry(), slot=slot, by=Actor.visitor())
        with held(doctor):
            answer = Patient().post(f"{inquiry.own_page_url()}times/", {"slot": slot_codes.encode(slot)})

        assert answer.status_code == 409
        assert "Someone else just took that time." in answer.content.decode()

    def test_a_cancellation_says_that_nothing_was_done(self, doctor, inquiry):
        given = appointments.book(inquiry=inquiry, slot=make.slots(doctor, TUESDAY)[0], by=Actor.visitor())
        seen = {"appointment": given.pk, "version": given.version}
        with held(doctor):
            answer = Patient().post(f"{inquiry.own_page_url()}cancel/", seen)

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert IS_BUSY in answer.content.decode()
        assert Appointment.objects.get().status == given.status

    def test_what_was_written_stands_in_its_field_again(self, inquiry):
        with held(inquiry):
            answer = Patient().post(f"{inquiry.own_page_url()}reply/", {"words": "Is ten too late?"})

        html = answer.content.decode()
        assert (answer.status_code, answer.headers["Retry-After"], Message.objects.count()) == (503, "5", 0)
        assert "Is ten too late?</textarea>" in html
        assert IS_BUSY in html
