"""The moments at which `make clocks` runs the tests."""

from datetime import UTC, datetime

from tests import clocks


def test_the_coming_year_has_two_clock_changes():
    found = list(clocks.clock_changes(datetime(2026, 11, 26, 15, 30, tzinfo=UTC)))

    assert found == [datetime(2027, 3, 14, 7, tzinfo=UTC), datetime(2027, 11, 7, 6, tzinfo=UTC)]


def test_each_moment_is_still_to_come_and_one_of_them_runs_all_tests():
    now = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)

    moments = list(clocks.moments(now))

    assert len(moments) == 7
    assert all(moment > now for _name, moment, _tests in moments)
    assert [name for name, _moment, tests in moments if tests == clocks.ALL] == ["in 400 days"]
