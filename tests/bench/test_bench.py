"""That the bench measures what it says; how long that takes is for `make bench`."""

import pytest

from tests.bench.measure import Row, in_turns, table
from tests.bench.times import Weeks


def test_each_is_run_once_a_round_and_the_first_round_does_not_count():
    calls: list[str] = []
    rows = [Row(name, lambda name=name: calls.append(name)) for name in ("one", "two")]

    in_turns(rows, rounds=3)

    assert sorted(calls) == ["one"] * 4 + ["two"] * 4
    assert [len(row.took) for row in rows] == [3, 3]


def test_the_table_compares_medians_with_the_floor_and_the_goal():
    rows = [
        Row("floor", print, took=[1, 2, 90]),
        Row("fast", print, goal=20, took=[5]),
        Row("slow", print, goal=20, took=[40]),
    ]

    assert [*table(rows)][2:] == [
        "| floor | 2.00 | 1.0 |  |",
        "| fast | 5.00 | 2.5 | 20, kept |",
        "| slow | 40.00 | 20.0 | 20, MISSED |",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("practitioners", [1, 3])
def test_calendars_take_four_queries_however_many_practitioners_and_appointments(
    django_assert_num_queries, practitioners
):
    weeks = Weeks(practitioners)

    with django_assert_num_queries(4):
        free = weeks.free(weeks.calendars())

    # Fourteen half hours a day, on five days of eight weeks, and half of them taken.
    assert (len(free), weeks.booked) == (practitioners * 280, practitioners * 280)
