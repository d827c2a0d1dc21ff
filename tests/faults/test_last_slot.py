"""
Thirty-two people want the last time of a day at the same moment: one gets it, the others are told so and see what is
free instead, nobody waits for long.

ROUNDS=20 makes it long (make faults); alone it is the short form that runs with every test.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from statistics import median
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.errors import SlotTaken
from appointments.models import Appointment, Inquiry
from appointments.scheduling import slot_codes
from appointments.slots import Slot
from tests import make
from tests.faults import table
from tests.patient import Patient
from tests.racing import at_once, overlaps

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("ROUNDS", "1"))
PEOPLE = 32
MONDAY_NOON, TUESDAY = "2026-11-23T17:00:00Z", date(2026, 11, 24)
TYPED = {
    "kind": "appointment", "name": "Rosa Lind", "contact_by": "email", "email": "rosa@example.com",
    "phone": "(212) 555-0123", "reach_note": "After five, ελληνικά", "message": "It hurts.\nI can’t sit “long”.",
}  # fmt: skip

# Makes somebody ready who wants a slot. What it returns is wanting it: raises SlotTaken when it is somebody else's.
Person = Callable[[Slot, int], Callable[[], object]]
# How each ended, how long all of it took, and how long each loser waited, in seconds.
Round = tuple[Counter[str], float, list[float]]


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel(MONDAY_NOON, tick=False):
        yield


@pytest.fixture(params=["pool_of_production", "pool_for_all"])
def pool(request) -> Iterator[int]:
    """Fewer connections than people, as a process of the site has; and one for each, as many processes have."""
    with connections(None if request.param == "pool_of_production" else PEOPLE + 1) as size:
        yield size


@pytest.fixture
def pool_for_all() -> Iterator[int]:
    """One for each: a process of the site has fewer threads than connections, so that no request waits for one."""
    with connections(PEOPLE + 1) as size:
        yield size


@contextmanager
def connections(size: int | None) -> Iterator[int]:
    pool = connection.settings_dict["OPTIONS"]["pool"]
    production = pool["max_size"]
    connection.close()
    connection.close_pool()
    pool["max_size"] = size or production
    yield pool["max_size"]
    connection.close()
    connection.close_pool()
    pool["max_size"] = production


def books(slot: Slot, number: int) -> Callable[[], object]:
    return partial(appointments.book, inquiry=make.inquiry(), slot=slot, by=Actor.visitor())


def sends_the_form(slot: Slot, number: int) -> Callable[[], object]:
    """Sends the form with the time in it, and opens the page that this leads to."""
    # Each is somebody else: what comes in masses with one phone number or email is checked by hand.
    who = number + PEOPLE * slot.practitioner_id
    typed = TYPED | {
        "name": f"{TYPED['name']} {who}", "email": f"rosa{who}@example.com", "phone": f"212 555 {1000 + who % 9000}"
    }  # fmt: skip
    data = make.form_data(**typed, slot=slot_codes.encode(slot))

    def send() -> None:
        sent = answered(Patient().post, "/appointments/", data)
        inquiry = Inquiry.objects.get(name=typed["name"])
        assert (sent.status_code, {field: getattr(inquiry, field) for field in typed}) == (303, typed)
        address = sent.headers["Location"]
        page = answered(Patient().get, address)
        assert page.status_code == 200
        if address != f"{inquiry.own_page_url()}?done=booked":
            assert address == f"/appointments/{inquiry.key}/times/?{urlencode({'taken': slot_codes.encode(slot)})}"
            shows_other_times(page, slot)
            raise SlotTaken

    return send


def chooses_on_the_page(slot: Slot, number: int) -> Callable[[], object]:
    """Has sent the form before, and takes the time from the page of free ones."""
    inquiry = make.inquiry()

    def choose() -> None:
        answer = answered(Patient().post, f"/appointments/{inquiry.key}/times/", {"slot": slot_codes.encode(slot)})
        if answer.status_code == 409:
            shows_other_times(answer, slot)
            raise SlotTaken
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{inquiry.own_page_url()}?done=booked")

    return choose


def answered(method: Callable[..., Any], *args: object) -> Any:
    """The answer. With it the connection goes back to the pool, as on a server; Django's own client keeps it."""
    answer = method(*args)
    connection.close()
    return answer


def shows_other_times(page: Any, taken: Slot) -> None:
    html = page.content.decode()
    assert "Someone else just took that time." in html
    assert f'value="{slot_codes.encode(taken)}"' not in html
    if "Free times on Wednesday, November 25" in html:
        assert html.count('<button name="slot" value="') == 16
    else:
        assert "No times are free here at the moment." in html
        assert "Have us find a time for you" in html


def last_time(*, nothing_is_left: bool = False) -> Slot:
    """Tuesday's only time; on the other days there are many, or none ever after."""
    make.clinic(pauses_from=32_000)  # Who takes all that is left, round after round, would look like a machine.
    doctor = make.practitioner()
    doctor.working_hours.filter(weekday=TUESDAY.weekday()).update(opens="09:00", closes="09:30")
    if nothing_is_left:
        doctor.working_hours.exclude(weekday=TUESDAY.weekday()).delete()
        doctor.working_hours.update(valid_until=TUESDAY)
    (slot,) = make.slots(doctor, TUESDAY)
    return slot


def race(person: Person, slot: Slot) -> Round:
    lost: list[float] = []

    def attempt(want: Callable[[], object]) -> None:
        began = time.perf_counter()
        try:
            want()
        except SlotTaken:
            lost.append(time.perf_counter() - began)
            raise

    people = [partial(attempt, person(slot, number)) for number in range(PEOPLE)]
    began = time.perf_counter()
    ended = at_once(*people)
    return ended, time.perf_counter() - began, lost


def test_one_of_many_gets_the_last_time_and_the_others_hear_it(pool):
    rounds = [race(books, last_time()) for _ in range(ROUNDS)]

    all_went_well(rounds, f"actions, {pool} connections")


@pytest.mark.parametrize(
    ("person", "nothing_is_left"),
    [pytest.param(sends_the_form, False, id="form"), pytest.param(chooses_on_the_page, True, id="page")],
)
def test_whoever_is_too_late_with_the_last_time_sees_what_is_free_or_what_to_do(person, nothing_is_left, pool_for_all):
    # In turn: there are other times, or none at all.
    rounds = [race(person, last_time(nothing_is_left=nothing_is_left ^ bool(n % 2))) for n in range(ROUNDS)]

    all_went_well(rounds, person.__name__.replace("_", " "))


def all_went_well(rounds: list[Round], what: str) -> None:
    """One winner in each round, everybody's inquiry is stored; and how fast that was."""
    assert [ended for ended, _took, _lost in rounds] == [{"ok": 1, "SlotTaken": PEOPLE - 1}] * ROUNDS
    assert (Appointment.objects.count(), Inquiry.objects.count(), overlaps()) == (ROUNDS, ROUNDS * PEOPLE, 0)
    lost = [seconds * 1000 for _ended, _took, round_ in rounds for seconds in round_]
    a_second = ROUNDS * PEOPLE / sum(took for _ended, took, _lost in rounds)
    table.tell(
        f"{PEOPLE} people want the last time, {ROUNDS} times: {what}", ROUNDS * PEOPLE, ROUNDS * PEOPLE, 0,
        more=f"times given twice 0; {a_second:.0f} attempts a second; who lost heard it after {median(lost):.0f} ms "
        f"(median), {max(lost):.0f} ms (slowest)",
    )  # fmt: skip
