"""The waiting list as a patient sees it on the inquiry's own page."""

import re
from datetime import date, datetime

import pytest
import time_machine

from appointments.actors import Actor
from appointments.bookings import appointments, waiting_list
from appointments.models import Inquiry, WaitingListWish
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
VISITOR = Actor.visitor()
RULE = (
    "The person who has waited longest is asked first. We hold the time for that person for two hours at most. If you "
    "do not want a time, or do not answer, we ask the next person, and you keep your place on the list for other times."
)


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit", chosen_as="I am new"))


@pytest.fixture
def rosa():
    return make.inquiry(name="Rosa Lind", contact_by="email", email="rosa@example.com")


def get(inquiry: Inquiry, rest: str = ""):
    return Patient().get(inquiry.own_page_url() + rest)


def post(inquiry: Inquiry, *, follow: bool = True, **data):
    return Patient().post(f"{inquiry.own_page_url()}waiting/", data, follow=follow)


def said(answer) -> str:
    """The words of the page, in one line."""
    return " ".join(re.sub("<[^>]+>", " ", answer.content.decode()).split())


def first_line(answer) -> str:
    return re.search(r'<p class="done" role="status">(.*?)</p>', answer.content.decode())[1]


def wish(doctor, **fields):
    return {"visit_type": doctor.schedules.get().visit_type_id} | fields


class TestWithoutATime:
    def test_they_join_it_and_read_since_when_for_what_and_in_which_order(self, rosa, doctor):
        form = f'<a href="{rosa.own_page_url()}waiting/">Join the waiting list</a>'
        assert form in get(rosa).content.decode()

        answer = post(rosa, **wish(doctor, practitioner=doctor.pk, half_days=[0, 1, 3]))

        assert (
            first_line(answer)
            == "You are on our waiting list. We will ask you when a time that suits you becomes free."
        )
        assert (
            "You are on our waiting list Since Monday, November 23 For First visit With Jane Doe, MD "
            f"Days Monday all day, Tuesday afternoon {RULE}"
        ) in said(answer)
        assert form not in answer.content.decode()

    def test_they_change_it_and_keep_their_place(self, rosa, doctor, clock):
        post(rosa, **wish(doctor, half_days=[0]))
        rosa.refresh_from_db()
        since = rosa.waiting_list_since
        clock.shift(3600)
        html = get(rosa, "waiting/").content.decode()
        assert re.findall(r'<input[^>]*name="half_days" value="(\d+)"[^>]*checked', html) == ["0"]

        post(rosa, **wish(doctor, half_days=[4]))

        rosa.refresh_from_db()
        assert (rosa.waiting_list_since, rosa.waiting_list_wish.half_days) == (since, [4])

    def test_they_leave_it_and_pressing_twice_is_calm(self, rosa, doctor):
        post(rosa, **wish(doctor))

        assert [first_line(post(rosa, end="")) for _ in range(2)] == ["You are not on our waiting list any longer."] * 2

        rosa.refresh_from_db()
        assert rosa.waiting_list_since is None
        assert "Join the waiting list" in get(rosa).content.decode()

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"visit_type": ""}, "Choose what you need"),
            ({"visit_type": "x"}, "Choose one of these"),
            ({"visit_type": "9" * 40}, "Choose one of these"),
            ({"practitioner": "x"}, "Choose one of these"),
            ({"half_days": ["14"]}, "Choose half-days from this list"),
            ({"half_days": ["x", "1"]}, "Choose half-days from this list"),
        ],
    )
    def test_what_is_wrong_is_said_and_changes_nothing(self, rosa, doctor, changes, sentence):
        answer = post(rosa, **(wish(doctor) | changes))

        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert not WaitingListWish.objects.exists()

    def test_somebody_who_sees_nobody_for_that_is_no_choice(self, rosa, doctor):
        other = make.practitioner()

        answer = post(rosa, **wish(doctor, practitioner=other.pk))

        assert "They see nobody for that. Choose somebody else, or anybody" in answer.content.decode()

    def test_kinds_that_patients_may_not_choose_are_not_asked_about(self, rosa, doctor):
        make.practitioner(visit=make.visit_type("Procedure day", patients_may_choose=False))
        make.visit_type("Without a doctor")

        html = get(rosa, "waiting/").content.decode()

        kinds = re.findall(r'name="visit_type" value="\d+".*?<label[^>]*>(.*?)</label>', html, re.DOTALL)
        assert kinds == ["I am new"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"kind": "question", "message": "When?"},
            {"screening": "by_hand", "screening_reason": "asked"},
            {"no_contact": "never"},
        ],
    )
    def test_it_is_not_there_for_a_question_nor_before_somebody_has_looked(self, doctor, fields):
        inquiry = make.inquiry(**fields)

        answer = post(inquiry, **wish(doctor))

        assert "Join the waiting list" not in get(inquiry).content.decode()
        assert get(inquiry, "waiting/").status_code == 302
        assert answer.status_code == 409
        assert not WaitingListWish.objects.exists()

    def test_where_nobody_sees_patients_there_is_no_list_to_join(self, rosa):
        assert "Join the waiting list" not in get(rosa).content.decode()

    def test_what_a_page_of_another_site_posts_is_refused(self, rosa, doctor):
        answer = Patient(headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example"}).post(
            f"{rosa.own_page_url()}waiting/", wish(doctor)
        )

        assert answer.status_code == 403
        assert not WaitingListWish.objects.exists()

    def test_who_asks_us_to_find_a_time_reads_that_they_wait(self, rosa, doctor):
        answer = Patient().post(f"{rosa.own_page_url()}times/", {"ask": ""}, follow=True)

        words = "You are on our waiting list Since Monday, November 23 For First visit With anybody Days any day"
        assert words in said(answer)


class TestWithATime:
    @pytest.fixture
    def booked(self, rosa, doctor):
        return appointments.book(inquiry=rosa, slot=make.slots(doctor, TUESDAY)[4], by=VISITOR)

    def test_they_say_which_days_suit_for_an_earlier_one(self, rosa, booked):
        Patient().post(f"{rosa.own_page_url()}earlier/", {"on": ""})
        assert "You wait for an earlier time Since Monday, November 23 With anybody Days any day" in said(get(rosa))

        answer = post(rosa, half_days=[2])

        assert first_line(answer).startswith("We will tell you if an earlier time opens up.")
        assert "Days Tuesday morning" in said(answer)
        assert 'name="visit_type"' not in get(rosa, "waiting/").content.decode()

    def test_an_earlier_wish_begins_anew_with_any_day(self, rosa, booked):
        post(rosa, half_days=[2])
        for press in ("off", "on"):
            Patient().post(f"{rosa.own_page_url()}earlier/", {press: ""})

        assert "Days any day" in said(get(rosa))

    def test_once_they_have_come_they_wait_for_nothing(self, rosa, booked, clock):
        post(rosa, half_days=[2])
        clock.move_to(datetime.fromisoformat("2026-11-24T17:00:00+00:00"))

        assert "You wait" not in said(get(rosa))
        assert waiting_list.freed_slots(datetime.fromisoformat("2026-11-24T17:00:00+00:00")) == []
