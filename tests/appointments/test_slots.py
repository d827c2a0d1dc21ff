"""Free times as pure functions: days on which clocks change, breaks, buffers, lead times and horizons."""

import os
import time as process_time
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appointments.slots import Calendar, Slot, VisitRules, WorkingPeriod, beside_each_other, what_changed
from clinic.hours import Period

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)  # midnight in New York


def working_period(day: date, opens: str, closes: str, **valid) -> WorkingPeriod:
    return WorkingPeriod(day.weekday(), time.fromisoformat(opens), time.fromisoformat(closes), **valid)


def visit(
    minutes: int = 30, buffer_minutes: int = 0, lead: timedelta = timedelta(0), horizon_days: int = 60
) -> VisitRules:
    return VisitRules(1, minutes, buffer_minutes, lead, horizon_days)


def starts(
    day: date, *working_periods: WorkingPeriod, zone=NEW_YORK, now=NOW, taken=(), last=None, **about
) -> list[str]:
    calendar = Calendar(7, zone, working_periods, taken)
    slots = calendar.slots(visit(**about), now=now, first=day, last=last or day)
    return [f"{slot.starts_at.astimezone(zone):%H:%M}" for slot in slots]


def at(clock: str, day: date = MONDAY, zone=NEW_YORK) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("other", "changed"),
    [
        ({"starts_at": at("10:00"), "practitioner_id": 2, "visit_type_id": 2}, "starts_at"),
        ({"practitioner_id": 2, "visit_type_id": 2}, "practitioner_id"),
        ({"visit_type_id": 2}, "visit_type_id"),
        ({"blocked_until": at("10:00")}, ""),
    ],
)
def test_when_is_told_before_with_whom_and_that_before_what_for(other, changed):
    slot = Slot(at("09:00"), at("09:30"), at("09:30"), 1, 1)

    assert what_changed(slot, slot._replace(**other)) == changed


def test_a_day_is_cut_into_visits_with_a_break_between_two_periods():
    assert starts(MONDAY, working_period(MONDAY, "13:00", "14:00"), working_period(MONDAY, "09:00", "10:15")) == [
        "09:00", "09:30", "13:00", "13:30",
    ]  # fmt: skip


def test_a_buffer_keeps_visits_apart_and_may_reach_past_the_end():
    assert starts(MONDAY, working_period(MONDAY, "09:00", "10:30"), buffer_minutes=15) == ["09:00", "09:45"]


def test_what_is_taken_is_not_offered_and_what_only_touches_it_is():
    taken = [Period(at("09:30"), at("10:00")), Period(at("09:45"), at("10:10"))]

    assert starts(MONDAY, working_period(MONDAY, "09:00", "11:00"), taken=taken) == ["09:00", "10:30"]


class TestAfterOthers:
    """A first visit takes 45 minutes and a pause of 15."""

    def found(self, *taken: tuple[str, str], follows_others: bool = True) -> list[str]:
        return [
            f"{slot.starts_at.astimezone(NEW_YORK):%H:%M}" for slot in self.slots(*taken, follows_others=follows_others)
        ]

    def slots(self, *taken: tuple[str, str], follows_others: bool = True):
        rules = visit(45, 15)._replace(follows_others=follows_others)
        hours = [working_period(MONDAY, "09:00", "12:00")]
        calendar = Calendar(7, NEW_YORK, hours, [Period(at(start), at(end)) for start, end in taken])
        return calendar.slots(rules, now=NOW, first=MONDAY, last=MONDAY)

    def test_a_visit_may_begin_where_another_ends(self):
        follow_up = ("09:00", "09:30")

        assert self.found(follow_up) == ["09:30", "10:00", "10:30", "11:00"]
        assert self.found(follow_up, follows_others=False) == ["10:00", "11:00"]

    def test_where_nothing_is_taken_or_it_fits_the_others_nothing_is_added(self):
        assert self.found() == ["09:00", "10:00", "11:00"]
        assert self.found(("08:00", "09:00"), ("10:00", "11:00")) == ["09:00", "11:00"]

    def test_it_begins_on_five_minutes_of_the_clock_and_only_where_it_fits(self):
        assert self.found(("09:00", "09:13")) == ["09:15", "10:00", "10:15", "11:00", "11:15"]
        assert self.found(("09:00", "09:30"), ("10:25", "12:00")) == []
        assert self.found(("09:00", "09:30"), ("10:30", "12:00")) == ["09:30"]

    def test_it_is_left_out_where_fewer_would_fit(self):
        rules = visit(10)._replace(follows_others=True)
        # Two of the grid fit after it, at 9:12 and 9:22, and one from 9:15 on.
        calendar = Calendar(7, NEW_YORK, [working_period(MONDAY, "09:02", "09:32")], [Period(at("09:02"), at("09:12"))])

        slots = list(calendar.slots(rules, now=NOW, first=MONDAY, last=MONDAY))

        assert [slot.starts_at for slot in slots] == [at("09:12"), at("09:22")]

    def test_those_that_can_all_be_given_are_counted(self):
        slots = beside_each_other(self.slots(("09:00", "09:30")))

        assert [slot.starts_at for slot in slots] == [at("09:30"), at("10:30")]


def test_hours_hold_only_between_their_days():
    hours = working_period(MONDAY, "09:00", "09:30", valid_from=MONDAY, valid_until=MONDAY + timedelta(days=7))
    found = [starts(MONDAY + timedelta(days=7 * week), hours) for week in (-1, 0, 1, 2)]

    assert found == [[], ["09:00"], ["09:00"], []]


def test_lead_time_is_real_time_and_the_horizon_a_day():
    hours = [working_period(MONDAY + timedelta(days=n), "09:00", "10:00") for n in range(3)]
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

    assert starts(day, working_period(day, opens, closes), zone=ZoneInfo(zone), now=now) == expected


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_every_visit_keeps_its_length_when_clocks_change(day):
    calendar = Calendar(7, NEW_YORK, [working_period(day, "00:00", "06:00")], [])
    now = datetime.combine(day - timedelta(days=3), time(), UTC)

    slots = list(calendar.slots(visit(minutes=50), now=now, first=day, last=day))

    assert {slot.ends_at - slot.starts_at for slot in slots} == {timedelta(minutes=50)}
    assert len({slot.starts_at for slot in slots}) == len(slots)


def test_a_lead_time_over_the_night_of_the_change_is_counted_in_real_hours():
    sunday = date(2026, 3, 8)
    now = datetime(2026, 3, 7, 14, 30, tzinfo=UTC)  # Saturday, 9:30

    # 24 hours later it is 10:30.
    assert starts(sunday, working_period(sunday, "09:00", "12:00"), now=now, lead=timedelta(hours=24)) == [
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
    hours = working_period(MONDAY, "09:00", "17:00")
    calendar = Calendar(7, NEW_YORK, [hours], taken)
    about = visit(minutes=minutes, buffer_minutes=buffer_minutes)
    found = list(calendar.slots(about, now=NOW, first=MONDAY, last=MONDAY))
    everything = list(Calendar(7, NEW_YORK, [hours], []).slots(about, now=NOW, first=MONDAY, last=MONDAY))

    def clashes(slot) -> bool:
        return any(slot.starts_at < period.ends_at and period.starts_at < slot.blocked_until for period in taken)

    assert found == [slot for slot in everything if not clashes(slot)]


@pytest.mark.parametrize(
    ("zone", "day", "now", "expected"),
    [
        # From half past two on Saturday: on Sunday that is half past three in spring, and the second half past one,
        # which is not offered, in autumn.
        ("America/New_York", date(2026, 3, 8), "2026-03-07T07:30Z", ["03:30"]),
        ("America/New_York", date(2026, 11, 1), "2026-10-31T06:30Z", ["02:00", "02:30", "03:00", "03:30"]),
        # From half past midnight, to a day that has none.
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-22T22:30Z", ["01:30", "02:00", "02:30", "03:00", "03:30"]),
        ("America/Santiago", date(2026, 9, 6), "2026-09-05T04:30Z", ["01:30", "02:00", "02:30", "03:00", "03:30"]),
    ],
)
def test_a_lead_time_of_a_day_may_end_in_the_night_of_the_change(zone, day, now, expected):
    found = starts(
        day,
        working_period(day, "00:00", "04:00"),
        zone=ZoneInfo(zone),
        now=datetime.fromisoformat(now),
        lead=timedelta(hours=24),
    )

    assert found == expected


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
        ("Africa/Cairo", date(2026, 4, 24)),
        ("America/Santiago", date(2026, 9, 6)),
        ("America/New_York", date(2028, 2, 29)),
    ],
)
def test_a_horizon_that_ends_on_an_odd_day_holds_all_of_it_and_nothing_after(zone, day):
    zone = ZoneInfo(zone)
    every_day = [working_period(day + timedelta(days=n), "22:00", "23:30") for n in range(7)]
    # The last minute of the day one week before.
    now = datetime.combine(day - timedelta(days=7), time(23, 59), zone).astimezone(UTC)

    slots = Calendar(7, zone, every_day, []).slots(
        visit(minutes=90, horizon_days=7), now=now, first=day - timedelta(days=1), last=day + timedelta(days=1)
    )

    assert [found.starts_at.astimezone(zone).date() for found in slots] == [day - timedelta(days=1), day]


def test_hours_may_begin_and_end_to_hold_on_a_leap_day():
    leap_day = date(2028, 2, 29)
    days = [leap_day + timedelta(days=7 * n) for n in (-1, 0, 1)]
    now = datetime(2028, 2, 1, tzinfo=UTC)

    until = [starts(day, working_period(day, "09:00", "09:30", valid_until=leap_day), now=now) for day in days]
    since = [starts(day, working_period(day, "09:00", "09:30", valid_from=leap_day), now=now) for day in days]

    assert until == [["09:00"], ["09:00"], []]
    assert since == [[], ["09:00"], ["09:00"]]


def test_a_year_ahead_of_a_leap_day_is_the_last_of_february():
    last = date(2029, 2, 28)
    now = datetime(2028, 2, 29, 12, tzinfo=UTC)

    found = [
        starts(day, working_period(day, "09:00", "09:30"), now=now, horizon_days=365)
        for day in (last, last + timedelta(days=1))
    ]

    assert found == [["09:00"], []]


@pytest.fixture(params=["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York"])
def elsewhere(request):
    """A process whose own clock is set to another zone than the clinic's."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    process_time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    process_time.tzset()


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 8), ["2026-03-08T06:30+00:00", "2026-03-08T07:00+00:00"]),
        (date(2026, 11, 1), ["2026-11-01T05:30+00:00", "2026-11-01T07:00+00:00"]),
    ],
)
def test_the_process_own_zone_plays_no_part(day, expected):
    calendar = Calendar(
        7, NEW_YORK, [working_period(day, "01:30", "03:30")], [Period(at("02:30", day), at("03:30", day))]
    )
    if day.month == 3:  # There is no 2:30: what is taken begins where it would have been.
        calendar = Calendar(7, NEW_YORK, [working_period(day, "01:30", "03:30")], [])
    now = datetime.combine(day, time(), UTC)

    found = list(calendar.slots(visit(), now=now, first=day, last=day))

    assert [each.starts_at.isoformat(timespec="minutes") for each in found] == expected
    assert all(calendar.fits(each) for each in found)


ODD_DAYS = {
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1), date(2028, 2, 29)],
    "America/Santiago": [date(2026, 4, 4), date(2026, 4, 5), date(2026, 9, 6)],
    "Africa/Cairo": [date(2026, 4, 24), date(2026, 10, 29), date(2026, 10, 30)],
    # Clocks that change by half an hour, and a zone that is never a whole hour away.
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
    "Asia/Kathmandu": [date(2026, 11, 23)],
}
days = st.sampled_from([(zone, day) for zone, odd in ODD_DAYS.items() for day in odd])
clocks = st.integers(0, 24 * 12 - 1).map(lambda fives: time(fives // 12, fives % 12 * 5))


@given(
    where=days,
    days_before=st.integers(-1, 1),
    hours=st.lists(st.lists(clocks, min_size=2, max_size=2, unique=True).map(sorted), min_size=1, max_size=3),
    minutes=st.sampled_from([5, 20, 30, 45, 60, 90]),
    buffer_minutes=st.sampled_from([0, 10]),
    closed=st.lists(st.tuples(clocks, st.integers(5, 200)), max_size=3),
)
@example(("America/New_York", date(2026, 3, 8)), 0, [[time(2, 30), time(5)]], 30, 0, [])
@example(("Africa/Cairo", date(2026, 4, 24)), 0, [[time(0, 30), time(3)]], 30, 0, [])
def test_every_time_that_is_offered_fits_the_calendar_that_it_comes_from(
    where, days_before, hours, minutes, buffer_minutes, closed
):
    zone, day = ZoneInfo(where[0]), where[1] - timedelta(days=days_before)
    taken = [Period(at(f"{clock}", day, zone), at(f"{clock}", day, zone) + timedelta(minutes=n)) for clock, n in closed]
    calendar = Calendar(7, zone, [WorkingPeriod(day.weekday(), *pair) for pair in hours], taken)
    about = visit(minutes=minutes, buffer_minutes=buffer_minutes)
    now = datetime.combine(day - timedelta(days=3), time(), UTC)

    found = list(calendar.slots(about, now=now, first=day, last=day))

    assert [each for each in found if not calendar.fits(each)] == []
    assert {each.starts_at.astimezone(zone).date() for each in found} <= {day}


def test_a_visit_takes_time():
    with pytest.raises(ValueError, match="takes time"):
        list(Calendar(7, NEW_YORK, [], []).visits(MONDAY, timedelta(0), timedelta(0)))
