"""What was free when somebody began to wait."""

from datetime import UTC, datetime, timedelta

from appointments.bookings import free_then
from appointments.slots import Slot

NINE = datetime(2026, 11, 24, 14, tzinfo=UTC)


def slot(minutes: int = 0, *, length: int = 30, pause: int = 0, practitioner: int = 1) -> Slot:
    starts_at = NINE + timedelta(minutes=minutes)
    ends_at = starts_at + timedelta(minutes=length)
    return Slot(starts_at, ends_at, ends_at + timedelta(minutes=pause), practitioner, 7)


def test_times_that_follow_each_other_are_kept_as_one():
    kept = free_then.keep([slot(30), slot(0), slot(90), slot(0, practitioner=2)])

    assert {who: [ends - begins for begins, ends in times] for who, times in kept.items()} == {"1": [60, 30], "2": [30]}


def test_a_time_that_lies_in_it_was_free_then_and_no_other():
    kept = free_then.keep([slot(0, pause=15), slot(45, pause=15)])

    inside = [slot(0), slot(10), slot(45), slot(0, length=75)]
    outside = [slot(-10), slot(70), slot(90), slot(0, practitioner=2), slot(-600)]
    assert [free_then.held(kept, each) for each in inside] == [True] * 4
    assert [free_then.held(kept, each) for each in outside] == [False] * 5
    assert not free_then.held({}, slot())
