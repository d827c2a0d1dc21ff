"""Why a time is not free, and who has it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.bookings.why_not_free import why_not_free
from appointments.models import Closure
from appointments.slots import Slot
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_noon():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False), timezone.override("America/New_York"):
        yield


def test_each_reason_is_a_sentence_and_a_free_time_has_none():
    doctor = make.practitioner()
    slot, other, third, *_rest = make.slots(doctor, date(2026, 11, 24))
    given = appointments.give(inquiry=make.inquiry(name="Agnes Moreau"), slot=slot, by=Actor.staff(make.front_desk()))
    Closure.objects.create(practitioner=doctor, name="Ill", starts_at=other.starts_at, ends_at=other.ends_at)
    week = timedelta(days=7)
    doctor.busy_blocks.create(starts_at=third.starts_at - week, ends_at=third.ends_at - week, is_weekly=True)
    at_night = Slot.starting_at(slot.starts_at - timedelta(hours=4), given.visit_type.rules, doctor.pk)

    assert why_not_free(slot) == ["Agnes Moreau has 9 a.m. to 9:30 a.m. (booked)."]
    assert why_not_free(slot, without=given) == []
    assert why_not_free(other) == ["Closed until Tue, Nov. 24, 10 a.m.: Ill."]
    assert why_not_free(third) == ["They are busy elsewhere until 10:30 a.m."]
    assert why_not_free(at_night) == ["It is outside their working hours."]
    assert why_not_free(make.slots(doctor, date(2026, 11, 24))[0]) == []
