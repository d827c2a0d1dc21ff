"""
Thirty-two people want the last time at the same moment: one gets it, the others are told so, nobody waits for long.

ROUNDS=20 makes it long (make faults); alone it is the short form that runs with every test.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from statistics import median

import pytest
import time_machine
from django.db import connection

from appointments.actions import appointments as actions
from appointments.actors import Actor
from appointments.availability import Slot
from appointments.models import Appointment, Inquiry
from tests import make
from tests.racing import at_once, overlaps

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("ROUNDS", "2"))
PEOPLE = 32
MONDAY_NOON, TUESDAY = "2026-11-23T17:00:00Z", date(2026, 11, 24)

# What somebody does who wants a slot for their inquiry: raises a refusal when it is somebody else's.
Want = Callable[[Inquiry, Slot], object]


@pytest.fixture(params=[pytest.param(None, id="pool_of_production"), pytest.param(PEOPLE + 1, id="pool_for_all")])
def pool(request) -> Iterator[int]:
    """Fewer connections than people, as a process of the site has; and one for each, as many processes have."""
    pool = connection.settings_dict["OPTIONS"]["pool"]
    production = pool["max_size"]
    connection.close()
    connection.close_pool()
    pool["max_size"] = request.param or production
    yield pool["max_size"]
    connection.close()
    connection.close_pool()
    pool["max_size"] = production


def book(inquiry: Inquiry, slot: Slot) -> Appointment:
    return actions.book(inquiry=inquiry, slot=slot, by=Actor.visitor())


def race(want: Want) -> tuple[Counter[str], float, list[float]]:
    """One round for one last slot: how each ended, how long it took, and how long each loser waited, in seconds."""
    with time_machine.travel(MONDAY_NOON, tick=False):
        doctor = make.practitioner()
        doctor.working_hours.filter(weekday=TUESDAY.weekday()).update(opens="09:00", closes="09:30")
        (slot,) = make.slots(doctor, TUESDAY)
        inquiries = [make.inquiry() for _ in range(PEOPLE)]
        lost: list[float] = []

        def attempt(inquiry: Inquiry) -> None:
            began = time.perf_counter()
            try:
                want(inquiry, slot)
            except Exception:
                lost.append(time.perf_counter() - began)
                raise

        began = time.perf_counter()
        ended = at_once(*(partial(attempt, inquiry) for inquiry in inquiries))
        return ended, time.perf_counter() - began, lost


@pytest.mark.parametrize("want", [book], ids=["action"])
def test_one_of_many_gets_the_last_time_and_the_others_hear_it(want, pool):
    rounds = [race(want) for _ in range(ROUNDS)]

    assert [ended for ended, _took, _lost in rounds] == [{"ok": 1, "SlotTaken": PEOPLE - 1}] * ROUNDS
    assert (Appointment.objects.count(), overlaps()) == (ROUNDS, 0)
    lost = [seconds * 1000 for _ended, _took, round_ in rounds for seconds in round_]
    a_second = ROUNDS * PEOPLE / sum(took for _ended, took, _lost in rounds)
    print(
        f"\n{ROUNDS} x {PEOPLE} people, {pool} connections: {a_second:.0f} attempts a second; who lost heard it after "
        f"{median(lost):.0f} ms (median), {max(lost):.0f} ms (slowest)"
    )
