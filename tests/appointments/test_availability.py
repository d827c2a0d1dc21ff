"""Free times as pure functions: days on which clocks change, breaks, buffers, lead times and horizons."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.availability import Calendar, Stretch, Visit
from clinic.hours import Period

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)  # midnight in New York


def stretch(day: date, opens: str, closes: str, **valid) -> Stretch:
    return Stretch(day.weekday(), time.fromisoformat(opens), time.fromisoformat(closes), **valid)


def visit(minutes: int = 30, buffer_minutes: int = 0, lead: timedelta = timedelta(0), horizon_days: int = 60) -> Visit:
    return Visit(1, minutes, buffer_minutes, lead, horizon_days)


def starts(day: date, *stretches: Stretch, zone=NEW_YORK, now=NOW, taken=(), last=None, **about) -> list[str]:
    calendar = Calendar(7, zone, stretches, taken)
    slots = calendar.slots(visit(**about), now=now, first=day, last=last or day)
    return [f"{slot.starts_at.astimezone(zone):%H:%M}" for slot in slots]


def at(clock: str, day: date = MONDAY, zone=NEW_YORK) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)


def test_a_day_is_cut_into_visits_with_a_break_between_two_stretches():
    assert starts(MONDAY, stretch(MONDAY, "13:00", "14:00"), stretch(MONDAY, "09:00", "10:15")) == [
        "09:00", "09:30", "13:00", "13:30",
    ]  # fmt: skip


def test_a_buffer_keeps_visits_apart_and_may_reach_past_the_end():
    assert starts(MONDAY, stretch(MONDAY, "09:00", "10:30"), buffer_minutes=15) == ["09:00", "09:45"]


def test_what_is_taken_is_not_offered_and_what_only_touches_it_is():
    taken = [Period(at("09:30"), at("10:00")), Period(at("09:45"), at("10:10"))]

    assert starts(MONDAY, stretch(MONDAY, "09:00", "11:00"), taken=taken) == ["09:00", "10:30"]


def test_hours_hold_only_between_their_days():
    hours = stretch(MONDAY, "09:00", "09:30", valid_from=MONDAY, valid_until=MONDAY + timedelta(days=7))
    found = [starts(MONDAY + timedelta(days=7 * week), hours) for week in (-1, 0, 1, 2)]

    assert found == [[], ["09:00"], ["09:00"], []]


def test_lead_time_is_real_time_and_the_horizon_a_day():
    hours = [stretch(MONDAY + timedelta(days=n), "09:00", "10:00") for n in range(3)]
    now = at("09:30")

    assert starts(MONDAY, *hours, now=now) == ["09:30"]
    week = {"last": MONDAY + timedelta(days=9), "lead": timedelta(hours=24), "horizon_days": 2}
    assert starts(MONDAY, *hours, now=now, **week) == [
        "09:30", "09:00", "09:30",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "day", "opens", "closes", "expected"),
    [
        # The night in which New York's clocks go from 2 to 3: there is no 2:30.
        ("America/New_York", date(2026, 3, 8), "01:00", "04:00", ["01:00", "01:30", "03:00", "03:30"]),
        # The night in which they go from 2 back to 1: 1:30 is offered once.
        ("America/New_York", date(2026, 11, 1), "00:30", "02:30", ["00:30", "01:00", "01:30", "02:00"]),
        # Days that begin at one o'clock.
        ("Africa/Cairo", date(2026, 4, 24), "00:00", "02:00", ["01:00", "01:30"]),
        ("America/Santiago", date(2026, 9, 6), "00:00", "02:00", ["01:00", "01:30"]),
        ("America/New_York", date(2028, 2, 29), "09:00", "10:00", ["09:00", "09:30"]),
    ],
)
def test_days_on_which_clocks_change_offer_each_wall_time_that_there_is_once(zone, day, opens, closes, expected):
    now = datetime.combine(day - timedelta(days=3), time(), UTC)

    assert starts(day, stretch(day, opens, closes), zone=ZoneInfo(zone), now=now) == expected


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_every_visit_keeps_its_length_when_clocks_change(day):
    calendar = Calendar(7, NEW_YORK, [stretch(day, "00:00", "06:00")], [])
    now = datetime.combine(day - timedelta(days=3), time(), UTC)

    slots = list(calendar.slots(visit(minutes=50), now=now, first=day, last=day))

    assert {slot.ends_at - slot.starts_at for slot in slots} == {timedelta(minutes=50)}
    assert len({slot.starts_at for slot in slots}) == len(slots)


def test_a_lead_time_over_the_night_of_the_change_is_counted_in_real_hours():
    sunday = date(2026, 3, 8)
    now = datetime(2026, 3, 7, 14, 30, tzinfo=UTC)  # Saturday, 9:30

    # 24 hours later it is 10:30.
    assert starts(sunday, stretch(sunday, "09:00", "12:00"), now=now, lead=timedelta(hours=24)) == [
        "10:30", "11:00", "11:30",
    ]  # fmt: skip


@given(
    taken=st.lists(
        st.tuples(st.integers(0, 600), st.integers(1, 120)).map(
            lambda pair: Period(at("09:00") + timedelta(minutes=pair[0]), at("09:00") + timedelta(minutes=sum(pair)))
        ),
        max_size=12,
    ),
    minutes=st.integers(5, 90),
    buffer_minutes=st.integers(0, 30),
)
def test_no_free_time_touches_what_is_taken_and_none_that_is_free_is_missing(taken, minutes, buffer_minutes):
    hours = stretch(MONDAY, "09:00", "17:00")
    calendar = Calendar(7, NEW_YORK, [hours], taken)
    about = visit(minutes=minutes, buffer_minutes=buffer_minutes)
    found = list(calendar.slots(about, now=NOW, first=MONDAY, last=MONDAY))
    everything = list(Calendar(7, NEW_YORK, [hours], []).slots(about, now=NOW, first=MONDAY, last=MONDAY))

    def clashes(slot) -> bool:
        return any(slot.starts_at < period.ends_at and period.starts_at < slot.blocked_until for period in taken)

    assert found == [slot for slot in everything if not clashes(slot)]


def test_a_visit_takes_time():
    with pytest.raises(ValueError, match="takes time"):
        list(Calendar(7, NEW_YORK, [], []).visits(MONDAY, timedelta(0), timedelta(0)))
