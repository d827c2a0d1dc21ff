"""The wish for an earlier time, and what ends it."""

from datetime import date, datetime

import pytest
import time_machine

from appointments.actors import Actor
from appointments.bookings import appointments, displacement, proposals, statuses, waiting_list
from appointments.models import AppointmentStatus
from tests import make

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
VISITOR = Actor.visitor()


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit", booked_at_once=False))


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk())


@pytest.fixture
def waiting(doctor):
    """Somebody at 11 a.m. who would come earlier."""
    appointment = appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[4], by=VISITOR)
    waiting_list.join_or_leave(inquiry=appointment.inquiry, on=True, by=VISITOR)
    return appointment


def still_waits(appointment) -> bool:
    appointment.inquiry.refresh_from_db()
    return appointment.inquiry.waiting_list_since is not None


@pytest.mark.parametrize(("place", "waits"), [(0, False), (3, False), (4, True), (8, True)])
@pytest.mark.parametrize("who", ["patient", "staff"])
def test_it_ends_when_they_move_to_an_earlier_time_and_only_then(doctor, ann, waiting, place, waits, who):
    slots = [*make.slots(doctor, TUESDAY)[:4], waiting.slot, *make.slots(doctor, TUESDAY)[4:]]

    appointments.reschedule(appointment=waiting, slot=slots[place], by=VISITOR if who == "patient" else ann)

    assert still_waits(waiting) is waits


def test_it_stays_when_the_time_is_confirmed(waiting, ann):
    statuses.change_status(appointment=waiting, to=AppointmentStatus.BOOKED, by=ann)

    assert still_waits(waiting)


def test_it_stays_when_a_colleague_takes_over_at_the_same_time(waiting, doctor, ann):
    other = make.practitioner(visit=waiting.visit_type)
    with displacement.changing_hours(by=ann):
        doctor.closures.create(name="Ill", starts_at="2026-11-24T05:00Z", ends_at="2026-11-25T05:00Z")

    waiting.refresh_from_db()
    assert displacement.hand_over(displaced=[waiting], to=other, by=ann) == (1, 0)

    assert still_waits(waiting)


@pytest.mark.parametrize(("place", "waits"), [(0, False), (8, True)])
def test_an_offer_that_is_taken_ends_it_where_it_is_earlier(doctor, ann, waiting, place, waits):
    until = datetime.fromisoformat("2026-11-23T22:00:00+00:00")
    slots = [make.slots(doctor, TUESDAY)[place]]
    (offered,) = proposals.propose(inquiry=waiting.inquiry, slots=slots, until=until, by=ann)

    proposals.accept(proposal=offered, by=VISITOR)

    assert still_waits(waiting) is waits


def test_it_ends_with_the_time_that_is_cancelled(waiting):
    statuses.cancel(appointment=waiting, by=VISITOR)

    assert not still_waits(waiting)


def test_while_no_time_is_free_again_nothing_more_is_asked(waiting, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert waiting_list.freed_slots(waiting.time_set_at) == []
