"""A column of the agenda as cells of a table."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from appointments.admin.agenda.grid import Cell, Placed, Rows, cells, rows_around
from clinic.hours import Period

NEW_YORK = ZoneInfo("America/New_York")
TUESDAY, CLOCKS_GO_BACK = date(2026, 11, 24), date(2026, 11, 1)


def at(hour: float, day: date = TUESDAY) -> datetime:
    wall = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK)
    return (wall + timedelta(hours=hour)).astimezone(UTC)


def test_what_is_at_one_time_stands_side_by_side_and_the_rest_is_as_wide_as_both():
    placed = [Placed(0, 4, "a"), Placed(2, 6, "b"), Placed(8, 9, "c")]

    assert cells(placed, 10) == (
        2,
        [
            Cell(0, 4, 0, 1, "a"), Cell(0, 2, 1, 1, None), Cell(2, 4, 1, 1, "b"), Cell(4, 2, 0, 1, None),
            Cell(6, 2, 0, 2, None), Cell(8, 1, 0, 2, "c"), Cell(9, 1, 0, 2, None),
        ],
    )  # fmt: skip


def test_a_column_without_anything_is_one_empty_cell():
    assert cells([], 10) == (1, [Cell(0, 10, 0, 1, None)])


@given(some.lists(some.tuples(some.integers(0, 11), some.integers(1, 6)), max_size=12))
def test_every_place_of_a_column_has_exactly_one_cell(starts):
    placed = [Placed(top, min(12, top + rows), (top, rows, number)) for number, (top, rows) in enumerate(starts)]

    lanes, found = cells(placed, 12)

    places = [
        (row, lane)
        for each in found
        for row, lane in product(
            range(each.top, each.top + each.rows), range(each.lane, each.lane + each.lanes)
        )
    ]  # fmt: skip
    assert sorted(places) == sorted(product(range(12), range(lanes)))
    assert {each.what for each in found if each.what} == {each.what for each in placed}


@pytest.mark.parametrize(
    ("periods", "hours"),
    [
        ([], (9, 17)),
        ([(8.5, 12.5)], (8, 13)),
        ([(9, 12), (13, 17)], (9, 17)),
        ([(-1, 25)], (0, 24)),
        ([(23.5, 24)], (23, 24)),
    ],
)
def test_a_table_shows_whole_hours_around_what_stands_in_it(periods, hours):
    rows = rows_around([(TUESDAY, Period(at(start), at(end))) for start, end in periods], NEW_YORK)

    assert (rows.first, rows.last) == hours


def test_a_visit_stands_in_the_quarters_that_it_begins_and_ends_in():
    rows = Rows(8, 18, NEW_YORK)

    assert rows.place(at(9), at(9.5), TUESDAY, "")[:2] == (4, 6)
    # 9:20 to 9:40, after a visit of 20 minutes: the two share no row.
    assert rows.place(at(9 + 1 / 3), at(9 + 2 / 3), TUESDAY, "")[:2] == (5, 6)
    assert rows.place(at(9), at(9 + 1 / 12), TUESDAY, "")[:2] == (4, 5)


def test_what_lies_outside_the_hours_is_not_lost():
    rows = Rows(8, 18, NEW_YORK)

    assert rows.place(at(6), at(7), TUESDAY, "")[:2] == (0, 1)
    assert rows.place(at(20), at(21), TUESDAY, "")[:2] == (39, 40)


def test_rows_are_those_of_wall_clocks_on_the_day_on_which_these_change():
    rows = Rows(0, 24, NEW_YORK)
    nine = datetime(2026, 11, 1, 14, tzinfo=UTC)  # 9 a.m., of 25 hours the tenth.

    assert rows.row_of(nine, CLOCKS_GO_BACK) == 36
    assert rows.period_on(CLOCKS_GO_BACK).ends_at - rows.period_on(CLOCKS_GO_BACK).starts_at == timedelta(hours=25)
