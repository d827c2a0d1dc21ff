"""Reminder calls: when they are made, and what ends them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from appointments.actors import Actor
from appointments.inquiries import conversation
from appointments.models import CallState, CallTask, Closure, Inquiry, NotificationKind
from appointments.models.log import Outcome
from appointments.notifications import calls
from tests import make

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")


def at(clock: str, day: int = 27) -> datetime:
    """A moment of November 2026 in New York; the 27th is a Friday."""
    return datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=NEW_YORK)


@pytest.fixture(autouse=True)
def clock():
    clinic = make.clinic()
    for weekday in range(5):
        clinic.opening_hours.create(weekday=weekday, opens="08:30", closes="17:00")
    with time_machine.travel(at("08:00"), tick=False) as clock:
        yield clock


@pytest.fixture
def monday() -> Inquiry:
    """Somebody with a visit on Monday, of which they are reminded on Friday, and then a call that is due next week."""
    inquiry = make.inquiry()
    visit = make.appointment(inquiry, at("10:00", 30).isoformat())
    for key, due in (("day", at("17:00")), ("later", at("17:00", 30))):
        kept = {"kind": NotificationKind.REMINDER, "inquiry": inquiry, "appointment": visit, "dedupe_key": key}
        CallTask.objects.create(due_at=due, **kept)
    return inquiry


def reached(inquiry: Inquiry) -> list[str]:
    """Somebody speaks with them: which of their calls that ends."""
    conversation.log_call(inquiry=inquiry, outcome=Outcome.REACHED, by=Actor.staff(make.front_desk()))
    return list(inquiry.call_tasks.filter(state=CallState.DONE).order_by("due_at").values_list("dedupe_key", flat=True))


@pytest.mark.parametrize(
    ("moment", "ends"), [("11:59", []), ("12:00", ["day"]), ("16:00", ["day"]), ("18:30", ["day"])]
)
def test_who_was_spoken_with_from_noon_on_is_not_called_again_to_be_reminded(clock, monday, moment, ends):
    clock.move_to(at(moment))

    assert reached(monday) == ends


def test_on_a_day_that_ends_by_noon_reminder_calls_begin_at_opening(clock, monday):
    Closure.objects.create(name="Early end", starts_at=at("12:00"), ends_at=at("17:00"))
    clock.move_to(at("08:30"))

    assert (calls.reminder_hours(timezone.now()).is_open, reached(monday)) == (True, ["day"])


@pytest.mark.parametrize(
    ("moment", "is_open"), [("08:29", False), ("08:30", True), ("16:59", True), ("17:00", False), ("12:00 28", False)]
)
def test_reminder_calls_are_made_while_the_clinic_is_open(moment, is_open):
    clock, _, day = moment.partition(" ")

    assert calls.reminder_hours(at(clock, int(day or 27))).is_open is is_open
