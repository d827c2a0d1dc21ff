"""What one place or one person sends a great deal of: first checked by hand, then refused with what was typed kept."""

from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from appointments import limits
from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.errors import TooManyTimes
from appointments.inquiries import conversation, lifecycle
from appointments.models import Appointment, Counter, Email, Inquiry
from appointments.records import erasure
from appointments.scheduling import slot_codes
from clinic.busy import Busy
from clinic.models import Clinic
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
VISITOR = Actor.visitor()


@pytest.fixture
def clock():
    """A Monday at noon in New York."""
    with time_machine.travel("2026-11-23T17:00Z", tick=False) as traveller:
        yield traveller


def post(client, number: int, address: str = "203.0.113.9", **fields):
    """A post of somebody with a phone number of their own, through the proxy on this machine."""
    said = make.form_data(name=f"Writer {number}", phone=f"212 555 {2000 + number}", **fields)
    return client.post("/appointments/", said, headers={"x-forwarded-for": address})


def raising(error: Exception):
    def refuse(*args, **kwargs):
        raise error

    return refuse


def counted() -> list[int]:
    return list(Counter.objects.order_by("number").values_list("number", flat=True))


def checked() -> list[str]:
    return list(Inquiry.objects.order_by("pk").values_list("screening_reason", flat=True))


def test_what_one_address_sends_is_stored_then_checked_then_refused_with_what_was_typed(client):
    make.clinic()
    answers = [post(client, number) for number in range(limits.POSTS_AT_MOST + 2)]

    assert [answer.status_code for answer in answers] == [303] * limits.POSTS_AT_MOST + [429] * 2
    beyond = limits.POSTS_AT_MOST - limits.POSTS_TO_CHECK
    assert checked() == [""] * limits.POSTS_TO_CHECK + ["many"] * beyond
    html = answers[-1].content.decode()
    assert "Please call us at (646) 555-0111" in html
    assert f'value="Writer {limits.POSTS_AT_MOST + 1}"' in html
    assert "When can I garden again?" in html
    assert answers[-1].headers["Retry-After"] == "3600"


@pytest.mark.parametrize("refusal", [Busy(), OperationalError("disk full")])
def test_what_the_site_could_not_store_counts_for_nobody(client, monkeypatch, refusal):
    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(lifecycle, "submit", raising(refusal))
        assert post(client, 1).status_code == 503

    assert counted() == [0, 0]


def test_nobody_else_is_refused_meanwhile(client):
    for number in range(limits.POSTS_AT_MOST + 1):
        post(client, number)

    assert post(client, 99, "203.0.113.10").status_code == 303
    assert checked()[-1] == ""


def test_an_hour_later_the_address_is_as_new(client, clock):
    for number in range(limits.POSTS_AT_MOST + 1):
        post(client, number)
    clock.shift(timedelta(hours=1))

    assert post(client, 99).status_code == 303
    assert checked()[-1] == ""


@pytest.mark.parametrize("sender", [{"phone": "(212) 555-0123"}, {"email": "Rosa@example.com", "contact_by": "email"}])
def test_much_with_one_phone_or_email_is_checked_by_hand_wherever_it_comes_from(client, sender):
    for number in range(limits.POSTS_OF_A_SENDER + 1):
        client.post(
            "/appointments/",
            make.form_data(**{"phone": "", **sender}, message=f"Question {number}"),
            headers={"x-forwarded-for": f"203.0.113.{number}"},
        )

    assert checked() == [""] * limits.POSTS_OF_A_SENDER + ["many"]


def test_many_links_are_checked_by_hand_and_few_are_not(client):
    links = "https://a.example www.b.example"
    post(client, 1, message=links)
    post(client, 2, message=f"{links} http://c.example")

    assert checked() == ["", "links"]
    assert not Email.objects.filter(kind="received").exists()


def test_a_counter_tells_neither_address_nor_person_and_goes_after_its_day(client, clock):
    post(client, 1)
    names = list(Counter.objects.values_list("name", flat=True))
    assert [len(name) for name in names] == [64] * 2
    clock.shift(timedelta(days=1, seconds=1))

    erasure.erase_what_is_old()

    assert not Counter.objects.exists()


class TestTimes:
    @pytest.fixture
    def doctor(self):
        make.clinic()
        return make.practitioner()

    def free(self, doctor, days: int = 3):
        return make.slots(doctor, timezone.localdate() + timedelta(days=days))

    def test_from_one_address_six_are_given_in_a_day_and_the_next_is_stored_as_a_wish(self, client, doctor):
        slots = self.free(doctor, 3)
        for number in range(limits.TIMES_FROM_AN_ADDRESS_A_DAY):
            post(client, number, kind="appointment", slot=slot_codes.encode(slots[number]))
        wished = slots[-1]

        answer = post(client, 99, kind="appointment", slot=slot_codes.encode(wished))

        last = Inquiry.objects.latest("pk")
        assert Appointment.objects.count() == limits.TIMES_FROM_AN_ADDRESS_A_DAY
        assert (answer.url, last.wish) == (f"{last.own_page_url()}?done=asked", wished)
        assert "The front desk will look for a time." in client.get(answer.url).content.decode()

    def test_a_time_that_the_site_could_not_give_is_given_back(self, client, doctor, monkeypatch):
        slot = slot_codes.encode(self.free(doctor)[0])
        with monkeypatch.context() as patched:
            patched.setattr(appointments, "book", raising(Busy()))
            post(client, 1, kind="appointment", slot=slot)
            own_times = f"{Inquiry.objects.get().own_page_url()}times/"
            assert client.post(own_times, {"slot": slot}).status_code == 503

        # One address and one phone have sent something; nobody has chosen a time, or pressed anything.
        assert counted() == [0, 0, 0, 1, 1]

    def test_a_time_that_is_chosen_later_counts_too(self, client, doctor):
        slots = self.free(doctor, 3)
        for number in range(limits.TIMES_FROM_AN_ADDRESS_A_DAY):
            post(client, number, kind="appointment", slot=slot_codes.encode(slots[number]))
        inquiry = make.inquiry()

        answer = client.post(
            f"{inquiry.own_page_url()}times/", {"slot": slot_codes.encode(slots[-1])},
            headers={"x-forwarded-for": "203.0.113.9"},
        )  # fmt: skip

        assert answer.url == f"{inquiry.own_page_url()}?done=asked"
        assert not inquiry.appointments.exists()

    @pytest.mark.parametrize("same", [{"phone": "212 555 0123"}, {"phone": "", "email": "r@example.com"}])
    def test_one_phone_or_email_has_three_times_to_come_at_most(self, doctor, same):
        slots, same = self.free(doctor), {**same, "contact_by": "phone" if same["phone"] else "email"}
        for slot in slots[: limits.TIMES_OF_A_SENDER]:
            appointments.book(inquiry=make.inquiry(**same), slot=slot, by=VISITOR)
        refused = make.inquiry(**same)

        with pytest.raises(TooManyTimes):
            appointments.book(inquiry=refused, slot=slots[-1], by=VISITOR)

        Appointment.objects.first().delete()
        assert appointments.book(inquiry=refused, slot=slots[-1], by=VISITOR).slot == slots[-1]


class TestFuse:
    @pytest.fixture
    def slots(self):
        make.clinic(pauses_from=4)
        doctor = make.practitioner()
        doctor.working_hours.exclude(weekday=4).delete()
        return make.slots(doctor, timezone.localdate() + timedelta(days=4))

    def take(self, client, slots, first: int, last: int) -> None:
        for number in range(first, last):
            post(client, number, f"203.0.113.{number}", kind="appointment", slot=slot_codes.encode(slots[number]))

    def test_when_an_hour_takes_a_fifth_choosing_pauses_and_requests_arrive(self, client, slots):
        # Two Fridays of sixteen times each: a fifth are seven.
        self.take(client, slots, 0, 6)
        assert not Clinic.current().is_choosing_paused
        self.take(client, slots, 6, 7)

        paused = post(client, 77, "198.51.100.1", kind="appointment", slot=slot_codes.encode(slots[10]))

        assert Clinic.current().is_choosing_paused
        assert Appointment.objects.count() == 7
        assert paused.status_code == 303
        assert not Inquiry.objects.latest("pk").appointments.exists()
        client.force_login(make.front_desk())
        assert "Patients can’t choose times online" in client.get("/admin/").content.decode()
        assert "can’t choose times online" in client.get("/readyz").content.decode()

    def test_below_the_clinics_number_nothing_pauses(self, client, slots):
        Clinic.objects.update(pauses_from=8)
        self.take(client, slots, 0, 7)

        assert not Clinic.current().is_choosing_paused

    def test_the_same_over_more_than_an_hour_pauses_nothing(self, client, slots, clock):
        self.take(client, slots, 0, 4)
        clock.shift(timedelta(hours=2))
        self.take(client, slots, 4, 9)

        assert not Clinic.current().is_choosing_paused


class TestOwnPage:
    """One page takes so many replies and so many presses a day, each counted apart."""

    def press(self, client, inquiry):
        return client.post(f"{inquiry.own_page_url()}reminders/")

    def write(self, client, inquiry, words):
        return client.post(f"{inquiry.own_page_url()}reply/", {"words": words})

    def test_the_reply_after_the_twentieth_is_not_stored_and_stays_in_its_field(self, client):
        inquiry, other = make.inquiry(), make.inquiry()
        statuses = [self.write(client, inquiry, f"Number {n}").status_code for n in range(20)]

        answer = self.write(client, inquiry, "One more thing")

        assert (statuses, answer.status_code, answer.headers["Retry-After"]) == ([303] * 20, 429, "3600")
        assert inquiry.messages.count() == 20
        assert "One more thing</textarea>" in answer.content.decode()
        assert "That was very often for one day." in answer.content.decode()
        assert self.write(client, other, "Hello").status_code == 303
        assert self.press(client, inquiry).status_code == 200

    def test_the_press_after_the_twentieth_changes_nothing(self, client):
        inquiry = make.inquiry()
        for _ in range(20):
            client.post(f"{inquiry.own_page_url()}cancel/")

        answer = self.press(client, inquiry)

        assert answer.status_code == 429
        assert "That was very often for one day." in answer.content.decode()
        assert not Inquiry.objects.get().no_reminders

    @pytest.mark.parametrize("refusal", [Busy(), OperationalError("disk full")])
    def test_what_the_site_could_not_store_takes_nothing_of_it(self, client, monkeypatch, refusal):
        inquiry = make.inquiry()
        client.raise_request_exception = False
        with monkeypatch.context() as patched:
            patched.setattr(conversation, "write_back", raising(refusal))
            assert self.write(client, inquiry, "Is ten too late?").status_code == 503
        assert self.write(client, inquiry, "").status_code == 422

        assert (counted(), self.write(client, inquiry, "Is ten too late?").status_code) == ([0], 303)
        assert counted() == [1]

    def test_another_day_has_twenty_of_its_own(self, client):
        inquiry = make.inquiry()
        for n in range(21):
            self.write(client, inquiry, f"Number {n}")

        with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
            assert self.write(client, inquiry, "Good morning").status_code == 303

    def test_what_is_posted_without_a_proof_takes_nothing_of_it(self, client):
        inquiry = make.inquiry()
        for _ in range(21):
            Client().post(f"{inquiry.own_page_url()}reply/", {"words": "I am a stranger"})

        assert self.write(client, inquiry, "It is me").status_code == 303
