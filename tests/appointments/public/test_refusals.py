"""What a verb refuses is said in a sentence on every public address; what somebody changed meanwhile is not undone."""

import re
from datetime import date, datetime

import pytest
import time_machine
from django.urls import get_resolver

from appointments import errors
from appointments.actors import Actor
from appointments.bookings import appointments, promises_to_come, proposals, statuses, waiting_list
from appointments.inquiries import conversation, lifecycle
from appointments.models import Appointment, AppointmentStatus, Inquiry
from appointments.public.views import own
from appointments.records import erasure
from appointments.scheduling import slot_codes
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
VISITOR = Actor.visitor()
REFUSALS = ["SlotTaken", "HasAppointment", "TooManyReschedules", "NotPossible", "ChangedMeanwhile"]


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk())


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))


@pytest.fixture
def rosa():
    return make.inquiry(name="Rosa Lind")


def booked(inquiry: Inquiry, doctor, place: int = 4) -> Appointment:
    return appointments.book(inquiry=inquiry, slot=make.slots(doctor, TUESDAY)[place], by=VISITOR)


def offer(inquiry: Inquiry, doctor, ann, place: int = 0) -> Appointment:
    until = datetime.fromisoformat("2026-11-23T22:00:00+00:00")
    slots = [make.slots(doctor, TUESDAY)[place]]
    return proposals.propose(inquiry=inquiry, slots=slots, until=until, by=ann)[0]


def post(inquiry: Inquiry, rest: str, **data: str):
    return Patient(raise_request_exception=False).post(inquiry.own_page_url() + rest, data)


def seen(appointment: Appointment) -> dict[str, str]:
    return {"appointment": str(appointment.pk), "version": str(appointment.version)}


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# Each post of the public site: the verb behind it (a module and its name), and what is sent.
POSTS = {
    "reply": ("reply/", conversation, "write_back", {"words": "Hello"}),
    "coming": ("coming/", promises_to_come, "say_they_will_come", {}),
    "cancel": ("cancel/", statuses, "cancel", {}),
    "move": ("times/", appointments, "reschedule", {"slot": "free"}),
    "book": ("times/", appointments, "book", {"slot": "free"}),
    "ask": ("times/", waiting_list, "ask_for_time", {"ask": ""}),
    "take": ("offers/", proposals, "accept", {"proposal": "1"}),
    "decline": ("offers/", proposals, "decline", {"none": ""}),
    "earlier": ("earlier/", waiting_list, "join_or_leave", {"on": ""}),
    "not earlier": ("earlier/", waiting_list, "join_or_leave", {"off": ""}),
    "wait": ("waiting/", waiting_list, "wait", {"visit_type": "first"}),
    "wait no longer": ("waiting/", waiting_list, "join_or_leave", {"end": ""}),
    "reminders": ("reminders/", lifecycle, "stop_reminders", {}),
    "send": ("", appointments, "book", {}),
}  # fmt: skip
HAVE_A_TIME = {"coming", "cancel", "move", "earlier", "not earlier", "take"}


def send(which: str, rosa: Inquiry, doctor):
    """Post what the page that is open before somebody posts."""
    rest, _module, _verb, data = POSTS[which]
    if which in HAVE_A_TIME:
        data = data | seen(rosa.appointments.live().get())
    if data.get("slot"):
        data["slot"] = slot_codes.encode(make.slots(doctor, TUESDAY)[9])
    if which == "wait":
        data = data | {"visit_type": str(doctor.schedules.get().visit_type_id)}
    if which == "take":
        data = data | {"proposal": str(rosa.appointments.live().get().pk)}
    if which == "send":
        code = slot_codes.encode(make.slots(doctor, TUESDAY)[9])
        return Patient(raise_request_exception=False).post(
            "/appointments/", make.form_data(kind="appointment", message="", slot=code), follow=True
        )
    return post(rosa, rest, **data)


class TestWalk:
    def test_no_post_of_the_public_site_is_left_out(self):
        """Who adds an address adds it to POSTS, or names it here: nothing can be posted there, or another test does."""
        walked = {rest for rest, *_ in POSTS.values()} | {"card/", "calendar.ics", "not-for-me/"}
        module = "appointments.public.urls"
        names = {str(each.pattern) for each in get_resolver(module).url_patterns}

        own_pages = {name.partition(")/")[2].rstrip("$").replace("\\", "") for name in names if "?P<key>" in name}
        assert own_pages == walked
        assert {name for name in names if "?P<key>" not in name} == {"appointments/", "appointments/times/", "contact/"}

    @pytest.mark.parametrize("which", POSTS)
    @pytest.mark.parametrize("refusal", REFUSALS)
    def test_whatever_a_verb_refuses_there_is_a_sentence_and_no_error(self, rosa, doctor, monkeypatch, which, refusal):
        def refuse(**_what):
            raise getattr(errors, refusal)

        if which in HAVE_A_TIME:
            booked(rosa, doctor)
        _rest, module, verb, _data = POSTS[which]
        monkeypatch.setattr(module, verb, refuse)

        answer = send(which, rosa, doctor)

        while answer.status_code in (302, 303):
            answer = Patient().get(answer.headers["Location"])
        assert answer.status_code in (200, 409)
        assert any(
            sentence in words(answer)
            for sentence in (
                *map(str, own.REFUSALS.values()), "Someone else just took that time.", "no longer held for you",
                "Is this the right time?", "Your appointment has changed since you looked.",
                "Your appointment is booked", "We have your appointment request",
            )
        )  # fmt: skip

    @pytest.mark.parametrize("which", [name for name in POSTS if name != "send"])
    def test_what_is_erased_at_any_moment_is_not_there(self, rosa, doctor, ann, monkeypatch, which):
        if which in HAVE_A_TIME:
            booked(rosa, doctor)
        _rest, module, verb, _data = POSTS[which]
        act = getattr(module, verb)

        def erased_first(**what):
            erasure.erase(rosa, reason="Their wish", by=ann)
            return act(**what)

        monkeypatch.setattr(module, verb, erased_first)

        assert send(which, rosa, doctor).status_code == 404
        assert post(rosa, POSTS[which][0], **POSTS[which][3]).status_code == 404

    @pytest.mark.parametrize(
        "rest", ["", "times/", "cancel/", "card/", "calendar.ics", "reminders/", "reply/", "not-for-me/"]
    )
    def test_a_page_of_an_erased_inquiry_is_not_there(self, rosa, doctor, ann, rest):
        booked(rosa, doctor)
        erasure.erase(rosa, reason="Their wish", by=ann)
        key = Inquiry.objects.get().key

        assert [Patient().get(f"/appointments/{each}/{rest}").status_code for each in (rosa.key, key)] == [404, 404]


class TestChangedMeanwhile:
    """The front desk changes something between the page and the post."""

    def test_a_time_that_the_desk_moved_is_not_cancelled_unseen(self, rosa, doctor, ann):
        appointment = booked(rosa, doctor)
        shown = seen(appointment)
        appointments.reschedule(appointment=appointment, slot=make.slots(doctor, TUESDAY)[0], by=ann)

        answer = post(rosa, "cancel/", **shown)

        assert answer.status_code == 409
        assert "Your appointment has changed since you looked. This is your appointment now." in words(answer)
        assert "9 a.m." in words(answer)
        assert rosa.appointments.get().status == AppointmentStatus.BOOKED

    def test_another_time_at_the_same_version_is_not_cancelled_unseen(self, rosa, doctor, ann):
        first = booked(rosa, doctor)
        shown = seen(first)
        statuses.cancel(appointment=first, by=ann)
        second = appointments.give(inquiry=rosa, slot=make.slots(doctor, TUESDAY)[0], by=ann)
        assert second.version == first.version

        answer = post(rosa, "cancel/", **shown)

        assert answer.status_code == 409
        second.refresh_from_db()
        assert second.status == AppointmentStatus.BOOKED

    def test_a_time_that_the_desk_moved_is_not_moved_unseen(self, rosa, doctor, ann):
        appointment = booked(rosa, doctor)
        shown, slots = seen(appointment), make.slots(doctor, TUESDAY)
        appointments.reschedule(appointment=appointment, slot=slots[0], by=ann)

        answer = post(rosa, "times/", slot=slot_codes.encode(slots[9]), **shown)

        assert answer.status_code == 409
        assert "Your appointment has changed since you looked. Look again, then decide." in words(answer)
        assert "This replaces your appointment on Tuesday, November 24, 9 a.m. (" in words(answer)
        assert rosa.appointments.get().slot == slots[0]

    def test_an_offer_does_not_take_the_place_of_a_time_that_was_not_seen(self, rosa, doctor, ann):
        appointment = booked(rosa, doctor)
        offered, shown = offer(rosa, doctor, ann), seen(appointment)
        appointment.refresh_from_db()
        Appointment.objects.filter(pk=appointment.pk).update(version=appointment.version + 1)

        answer = post(rosa, "offers/", proposal=str(offered.pk), **shown)

        assert answer.status_code == 409
        assert "Something has changed since you looked. Look again, then decide." in words(answer)
        assert rosa.appointments.live().get().slot == appointment.slot

    def test_offers_that_were_not_seen_are_not_turned_down(self, rosa, doctor, ann):
        first = offer(rosa, doctor, ann)
        second = offer(rosa, doctor, ann, 3)

        for rest, data in (("offers/", {"none": ""}), ("times/", {"ask": ""})):
            answer = post(rosa, rest, proposals=str(first.pk), **data)
            assert answer.status_code == 409
            assert "We have a time for you" in words(answer)

        second.refresh_from_db()
        assert second.status == AppointmentStatus.PROPOSED

    def test_who_asks_for_a_time_and_has_one_meanwhile_sees_it(self, rosa, doctor, ann):
        appointments.give(inquiry=rosa, slot=make.slots(doctor, TUESDAY)[0], by=ann)

        answer = post(rosa, "times/", ask="")

        assert answer.status_code == 409
        assert "You have an appointment already. You can move it." in words(answer)
        assert "Your appointment is booked" in words(answer)
