"""Rows for spreadsheets: what somebody typed is never a formula there."""

import csv
import io

import pytest

from clinic import spreadsheet


@pytest.mark.parametrize(
    "typed", ["=1+1", "+1 212", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠a"]
)
def test_what_would_be_a_formula_is_text(typed):
    assert spreadsheet.cell(typed) == f"'{typed}"


@pytest.mark.parametrize("typed", ["Rosa Lind", "(212) 555-0123", "a=b", "", "'quoted'"])
def test_all_else_stays_as_it_is(typed):
    assert spreadsheet.cell(typed) == typed


@pytest.mark.parametrize(
    "typed", ["Rosa \u202eLind", "\u2068Rosa\u2069 Lind", "\u2067Rosa Lind", "Rosa Lind\u2069\u200f"]
)
def test_what_turns_other_words_has_no_place_in_data(typed):
    assert spreadsheet.cell(typed) == "Rosa Lind"


@pytest.mark.parametrize("number", [-3, 0, 2.5, None])
def test_a_number_stays_a_number(number):
    assert spreadsheet.cell(number) == number


def test_a_row_is_one_line_whatever_stands_in_it():
    rows = [["Name", "Words"], ['Ann "the one"', "a,b\nc"]]

    read = csv.reader(io.StringIO("".join(spreadsheet.lines(rows)), newline=""))

    assert list(read) == rows
