from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.hours import (
    DEFAULT_WEEK,
    OpenClock,
    Opening,
    Period,
    end_of_next_opening_day,
    grouped,
    next_open,
    open_time,
    overlapping,
)

NEW_YORK = ZoneInfo("America/New_York")
# Monday to Thursday with a lunch break, Friday morning.
WEEK = [
    *(Opening(day, time(8), time(12)) for day in range(5)),
    *(Opening(day, time(13), time(17)) for day in range(4)),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def closed(start: str, end: str) -> Period:
    return Period(at(start), at(end))


@pytest.mark.parametrize(
    ("sent", "promised"),
    [
        ("2026-11-23 00:01", "2026-11-24 17:00"),  # Monday, before opening
        ("2026-11-23 16:59", "2026-11-24 17:00"),  # Monday, open
        ("2026-11-23 23:59", "2026-11-24 17:00"),  # Monday night
        ("2026-11-26 12:00", "2026-11-27 12:00"),  # Thursday: Friday ends at noon
        ("2026-11-27 09:00", "2026-11-30 17:00"),  # Friday: over the weekend
        ("2026-11-28 09:00", "2026-11-30 17:00"),  # Saturday
    ],
)
def test_the_promise_is_the_end_of_the_next_opening_day(sent, promised):
    assert end_of_next_opening_day(at(sent), week=WEEK, zone=NEW_YORK) == at(promised)


def test_the_day_of_sending_is_the_clinics_day_and_not_the_servers():
    late_monday_in_new_york = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

    promised = end_of_next_opening_day(late_monday_in_new_york, week=WEEK, zone=NEW_YORK)

    assert promised == at("2026-11-24 17:00")


@pytest.mark.parametrize(
    ("closures", "promised"),
    [
        ([closed("2026-11-24 00:00", "2026-11-25 00:00")], "2026-11-25 17:00"),  # all day
        ([closed("2026-11-24 15:00", "2026-11-24 18:00")], "2026-11-24 15:00"),  # from the afternoon on
        ([closed("2026-11-24 12:30", "2026-11-24 18:00")], "2026-11-24 12:00"),  # from lunch on
        ([closed("2026-11-24 07:00", "2026-11-24 10:00")], "2026-11-24 17:00"),  # only the morning
        (
            [closed("2026-11-24 14:00", "2026-11-24 16:00"), closed("2026-11-24 16:00", "2026-11-24 17:00")],
            "2026-11-24 14:00",
        ),
        (
            [closed("2026-11-24 10:00", "2026-11-24 17:00"), closed("2026-11-24 16:00", "2026-11-24 18:00")],
            "2026-11-24 10:00",
        ),
    ],
)
def test_closures_shorten_or_remove_a_day(closures, promised):
    assert end_of_next_opening_day(at("2026-11-23 09:00"), week=WEEK, closures=closures, zone=NEW_YORK) == at(promised)


def test_closing_time_keeps_its_wall_clock_when_the_clocks_change():
    before = end_of_next_opening_day(at("2026-10-29 09:00"), week=WEEK, zone=NEW_YORK)
    after = end_of_next_opening_day(at("2026-11-01 09:00"), week=WEEK, zone=NEW_YORK)

    assert (before.hour, after.hour) == (16, 22)  # Friday noon in summer time, Monday 5 p.m. in winter time, in UTC


def test_a_week_without_hours_counts_as_the_default_week():
    assert end_of_next_opening_day(at("2026-11-23 09:00"), week=[], zone=NEW_YORK) == at("2026-11-24 17:00")
    assert DEFAULT_WEEK[0].closes == time(17)


def test_a_closure_of_more_than_a_year_does_not_swallow_the_promise():
    forgotten = [closed("2026-01-01 00:00", "2030-01-01 00:00")]

    assert end_of_next_opening_day(at("2026-11-23 09:00"), week=WEEK, closures=forgotten, zone=NEW_YORK) == at(
        "2026-11-24 17:00"
    )


def test_neighboring_days_with_equal_hours_become_one_line():
    assert grouped(WEEK) == [
        (0, 3, [(time(8), time(12)), (time(13), time(17))]),
        (4, 4, [(time(8), time(12))]),
    ]


def test_overlapping_sees_shared_moments_of_one_day_only():
    morning, lunch = Opening(0, time(8), time(12)), Opening(0, time(12), time(13))

    assert not overlapping([morning, lunch, Opening(1, time(8), time(12))])
    assert overlapping([morning, Opening(0, time(11, 59), time(13))])


@pytest.mark.parametrize(
    ("start", "end", "closures", "hours"),
    [
        ("2026-11-23 09:00", "2026-11-23 11:30", [], 2.5),
        ("2026-11-23 11:00", "2026-11-23 14:00", [], 2),  # over lunch
        ("2026-11-27 11:00", "2026-11-30 09:00", [], 2),  # over the weekend
        ("2026-11-23 17:00", "2026-11-24 08:00", [], 0),
        ("2026-11-23 08:00", "2026-11-23 12:00", [closed("2026-11-23 09:00", "2026-11-23 10:00")], 3),
        # Two closures that overlap are counted once, and one that began before counts from the start.
        (
            "2026-11-23 09:30", "2026-11-23 12:00",
            [closed("2026-11-23 09:00", "2026-11-23 10:00"), closed("2026-11-23 09:45", "2026-11-23 10:30")], 1.5,
        ),
        ("2026-11-23 08:00", "2026-11-23 12:00", [closed("2026-11-01 00:00", "2026-12-01 00:00")], 0),
    ],
)  # fmt: skip
def test_how_long_the_clinic_is_open_between_two_moments(start, end, closures, hours):
    found = open_time(at(start), at(end), week=WEEK, closures=closures, zone=NEW_YORK)

    assert found == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23 10:00", "2026-11-23 10:00"),  # A Monday, open.
        ("2026-11-23 06:00", "2026-11-23 09:00"),
        ("2026-11-23 12:30", "2026-11-23 13:00"),  # Lunch.
        ("2026-11-23 17:00", "2026-11-24 09:00"),
        ("2026-11-27 18:00", "2026-11-30 09:00"),  # A Friday evening.
        ("2026-11-25 08:00", "2026-11-25 11:00"),  # Closed until eleven.
    ],
)
def test_when_it_is_open_next(moment, opens):
    week = [Opening(day, *each) for day in range(5) for each in ((time(9), time(12)), (time(13), time(17)))]
    closed = Period(datetime(2026, 11, 25, 5, tzinfo=NEW_YORK), datetime(2026, 11, 25, 11, tzinfo=NEW_YORK))

    found = next_open(at(moment), week=week, closures=[closed], zone=NEW_YORK)

    assert f"{found.astimezone(NEW_YORK):%Y-%m-%d %H:%M}" == opens


def test_what_never_opens_is_not_waited_for():
    moment = datetime(2026, 11, 23, 20, tzinfo=NEW_YORK)
    closed = Period(moment, moment + timedelta(days=300))

    assert next_open(moment, week=(), closures=[closed], zone=NEW_YORK) == moment


def test_a_clock_that_runs_while_we_are_open_agrees_with_the_time_between():
    """Also over a closure, clock changes, nights and a weekend."""
    closures = [
        Period(datetime(2026, 10, 30, 14, tzinfo=UTC), datetime(2026, 10, 30, 15, tzinfo=UTC)),
        Period(datetime(2026, 10, 30, 14, 30, tzinfo=UTC), datetime(2026, 10, 30, 16, tzinfo=UTC)),
        Period(datetime(2026, 11, 2, 12, tzinfo=UTC), datetime(2026, 11, 2, 16, tzinfo=UTC)),
    ]
    about = {"week": WEEK, "closures": closures, "zone": NEW_YORK}
    clock = OpenClock(date(2026, 10, 28), date(2026, 11, 4), **about)
    moments = [datetime(2026, 10, 28, 5, tzinfo=UTC) + timedelta(hours=each) for each in range(0, 168, 7)]

    for start in moments:
        for end in moments[moments.index(start) :]:
            assert clock.between(start, end) == open_time(start, end, **about)
