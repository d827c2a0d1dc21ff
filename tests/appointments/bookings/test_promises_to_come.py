from datetime import timedelta

import pytest
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, statuses
from appointments.bookings.promises_to_come import say_they_will_come
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.models import Appointment
from appointments.records import history
from tests import make

pytestmark = pytest.mark.django_db

VISITOR = Actor.visitor()


@pytest.fixture
def booked() -> Appointment:
    make.clinic()
    doctor = make.practitioner()
    slot = make.slots(doctor, timezone.localdate() + timedelta(days=3))[0]
    return appointments.book(inquiry=make.inquiry(), slot=slot, by=VISITOR)


def test_who_says_so_will_come_and_the_history_says_when(booked):
    assert booked.has_said_they_will_come is False

    say_they_will_come(appointment=booked, by=VISITOR, version=booked.version)

    booked.refresh_from_db()
    assert booked.has_said_they_will_come is True
    told = history.lines(booked.inquiry)
    assert [line.who for line in told if line.what.startswith("Says that they will come: none")] == ["The writer"]


def test_to_say_it_twice_changes_nothing(booked):
    first = say_they_will_come(appointment=booked, by=VISITOR, version=booked.version)
    second = say_they_will_come(appointment=booked, by=VISITOR, version=booked.version)

    assert (first.patient_will_come_at, first.version) == (second.patient_will_come_at, booked.version)
    assert booked.events.count() == 2


def test_what_a_colleague_decides_on_meanwhile_is_not_refused(booked):
    say_they_will_come(appointment=booked, by=VISITOR)

    statuses.cancel(appointment=booked, by=VISITOR, version=booked.version)


def test_at_another_time_they_are_asked_anew(booked):
    say_they_will_come(appointment=booked, by=VISITOR)
    slot = make.slots(booked.practitioner, timezone.localdate() + timedelta(days=4))[0]

    appointments.reschedule(appointment=booked, slot=slot, by=VISITOR)

    booked.refresh_from_db()
    assert booked.has_said_they_will_come is False


def test_a_time_that_was_canceled_and_is_theirs_again_asks_anew(booked):
    say_they_will_come(appointment=booked, by=VISITOR)
    desk = Actor.staff(make.front_desk())
    statuses.cancel(appointment=booked, by=desk)
    booked.refresh_from_db()

    statuses.undo(appointment=booked, by=desk)

    booked.refresh_from_db()
    assert (booked.status, booked.has_said_they_will_come) == ("booked", False)


@pytest.mark.parametrize(
    "fields",
    [{"status": "pending"}, {"status": "cancelled"}, {"status": "arrived"}, {"displaced_at": timezone.now()}],
    ids=lambda fields: str(*fields.values())[:9],
)
def test_nobody_comes_to_what_is_not_certain_or_is_gone(booked, fields):
    Appointment.objects.filter(pk=booked.pk).update(**fields)

    with pytest.raises(NotPossible):
        say_they_will_come(appointment=booked, by=VISITOR)


def test_nobody_will_come_to_what_has_begun(booked):
    at = timezone.now() - timedelta(minutes=1)
    Appointment.objects.filter(pk=booked.pk).update(
        starts_at=at, ends_at=at + timedelta(minutes=30), blocked_until=at + timedelta(minutes=30)
    )

    with pytest.raises(NotPossible):
        say_they_will_come(appointment=booked, by=VISITOR)


def test_what_has_moved_since_they_looked_is_refused(booked):
    slot = make.slots(booked.practitioner, timezone.localdate() + timedelta(days=4))[0]
    appointments.reschedule(appointment=booked, slot=slot, by=Actor.staff(make.front_desk()))

    with pytest.raises(ChangedMeanwhile):
        say_they_will_come(appointment=booked, by=VISITOR, version=booked.version)
