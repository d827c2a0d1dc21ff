"""Appointments from a table: CSV with a line of column names, as spreadsheet programs save it."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext

from appointments import limits
from appointments.bookings.imports import dates, names, states
from appointments.bookings.imports.dates import Order
from appointments.bookings.imports.rows import (
    SEARCHED_OF_A_TITLE,
    Row,
    Unreadable,
    a_moment,
    a_phone,
    an_email,
    an_end,
    meant,
    named,
    no_text,
    plain,
)
from appointments.inquiries.search import normalize
from clinic import phones, timeline

COLUMNS = ("name", "phone", "email", "practitioner", "visittype", "date", "time", "start", "minutes", "id", "status")
LONGEST_NAMES, MOST_COLUMNS = 20_000, 200
# Of a cell, what is read of a title is read, and more of what may be longer.
LONGEST_CELL = {"id": 2000}
SURROGATES = re.compile("[\ud800-\udfff]")
DELIMITERS = ",;\t|"
SEP = re.compile(r"\"?sep=([^\r\n])\"?\r?\n", re.IGNORECASE)
# Ours: what somebody answered who was asked what stands first in its dates.
ORDER = re.compile(r"dates=(month|day)\r?\n")


class Table(NamedTuple):
    """
    The rows after the line of names, the names that mean nothing here, and how many rows are long over.

    `unsure` is the first date of a row to come that may be two days.
    """

    rows: list[Row]
    unused: list[str]
    over: int
    unsure: str


def read(text: str, zone: ZoneInfo, today: date) -> Table:
    """
    The table that a text is. What is no UTF-8 stands in the text as surrogates, and costs its row. Raises Unreadable.
    """
    order = Order.UNSAID
    if said := ORDER.match(text):
        order, text = Order(said[1]), text[said.end() :]
    delimiter, text = _delimiter(text)
    try:
        names = [plain(name[:SEARCHED_OF_A_TITLE]) for name in next(_lines(text, delimiter))[: MOST_COLUMNS + 1]]
    except (csv.Error, StopIteration) as error:
        raise Unreadable(gettext("The first line cannot be read: it must name the columns.")) from error
    if len(names) > MOST_COLUMNS:
        raise Unreadable(
            gettext("There are more than %d columns. Take away those that the page does not name.") % MOST_COLUMNS
        )
    columns = [_column(name) for name in names]
    _check(columns)
    unused = [name for name, column in zip(names, columns, strict=True) if name and column not in COLUMNS]
    day = columns.index("date" if "date" in columns else "start")
    order = order if order != Order.UNSAID else dates.order(_days(text, delimiter, day))
    lines = _lines(text, delimiter)
    next(lines)
    over, found, unsure = 0, list[Row](), ""
    for row, typed in _read(lines, columns, zone, _Dates(day, order, today)):
        if row is None:
            over += 1
        else:
            found.append(row)
            unsure = unsure or typed
        if len(found) > limits.IMPORT_ROWS:
            break  # It is refused: reading on would keep somebody waiting for nothing.
    if found and all(row.problem == _broken() for row in found):
        raise no_text()
    return Table(found, unused, over, unsure)


class _Dates(NamedTuple):
    """In which column the day stands, in which order, and what day it is today."""

    column: int
    order: Order
    today: date


def _lines(text: str, delimiter: str) -> Iterator[list[str]]:
    # Strict: a quotation mark that does not end would swallow all that follows without a word.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _column(name: str) -> str:
    return normalize(name).replace(" ", "").replace("_", "")


def _days(text: str, delimiter: str, day: int) -> Iterator[str]:
    """All that stands in the column of days, also in what is long over."""
    with suppress(csv.Error):  # What cannot be read is said at its row.
        for line in _lines(text, delimiter):
            if day < len(line):
                yield line[day]


def _broken() -> str:
    return gettext("A letter in it is broken: it is no text in UTF-8.")


def _delimiter(text: str) -> tuple[str, str]:
    """What stands between the cells, and the text without the line that says so to spreadsheet programs: "sep=;"."""
    text = text.lstrip("\r\n")
    if said := SEP.match(text):
        return said[1], text[said.end() :]
    return max(DELIMITERS, key=lambda each: _known_columns(text, each)), text


def _known_columns(text: str, delimiter: str) -> tuple[int, int]:
    """How many columns of ours the first line names with this between them; a quoted name may hold another."""
    try:
        names = next(_lines(text[:LONGEST_NAMES], delimiter))
    except (csv.Error, StopIteration):
        return 0, 0
    return sum(_column(plain(name)) in COLUMNS for name in names), len(names)


def _check(columns: list[str]) -> None:
    if "name" not in columns or not ("start" in columns or {"date", "time"} <= set(columns)):
        raise Unreadable(
            gettext("The first line must name the columns: name, and date and time. See the example on this page.")
        )
    if twice := [column for column in COLUMNS if columns.count(column) > 1]:
        raise Unreadable(gettext("There are two columns with the same name: %s.") % twice[0])


def _read(
    lines: Iterator[list[str]], columns: list[str], zone: ZoneInfo, said: _Dates
) -> Iterator[tuple[Row | None, str]]:
    """The rows, each with its day where that may be two; None for one that is long over, which is not looked at."""
    number = 1  # As spreadsheet programs count: the names are in the first row.
    try:
        for line in lines:
            number += 1
            if said.column < len(line) and _is_long_over(line[said.column], said.order, said.today):
                yield None, ""
            elif any(cell and not cell.isspace() for cell in line):
                yield _row(number, line, columns, zone, said)
    except csv.Error:
        broken = gettext("From here on the file cannot be read. Is there a stray quotation mark?")
        yield Row(number + 1, problem=broken), ""


@lru_cache(maxsize=10_000)
def _is_long_over(typed: str, order: Order, today: date) -> bool:
    try:
        day = dates.a_day(re.split(r"[T\s,]", typed.strip()[: dates.LONGEST], maxsplit=1)[0], order)
        # A year that cannot be was mistyped: somebody has to see it.
        return timeline.EARLIEST.date() <= day < today - timedelta(days=2)
    except Unreadable:
        return False


def shown(words: str) -> str:
    """The words with a sign in place of each broken one."""
    return words.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _row(number: int, cells: list[str], columns: list[str], zone: ZoneInfo, said: _Dates) -> tuple[Row, str]:
    both = zip(columns, cells, strict=False)
    read = {name: plain(cell[: LONGEST_CELL.get(name, SEARCHED_OF_A_TITLE)]) for name, cell in both if name in COLUMNS}
    told = dict.fromkeys(COLUMNS, "") | read
    row = Row(number, told["name"], practitioner=told["practitioner"], visit_type=told["visittype"], uid=told["id"])
    if "status" in columns:
        state = states.meant_by(told["status"])
        notes = (state.note,) if state.note else ()
        row = replace(row, is_tentative=state.is_tentative, takes_no_time=state.takes_no_time, notes=notes)
        if state.is_out:
            row = replace(row, is_cancelled=True, problem=state.is_out)
    try:
        if any(SURROGATES.search(cell) for cell in cells):
            row = replace(row, name=shown(told["name"]), practitioner="", visit_type="", uid="")
            raise Unreadable(_broken())
        # A comma in a name without quotation marks moves all that follows into the wrong columns.
        if any(cell and not cell.isspace() for cell in cells[len(columns) :]):
            raise Unreadable(gettext("There are more cells than columns: put names with commas in quotation marks."))
        starts_at = a_moment(_start(told, said.order), zone)
        row = replace(row, starts_at=starts_at, ends_at=_end(starts_at, told["minutes"]))
        if any(dates.is_serial(told[name]) for name in ("date", "time", "start")):
            day = date_format(starts_at.astimezone(zone), "N j, Y")
            row = replace(row, notes=(*row.notes, gettext("Read from the number of its day: %s.") % day))
        row, phone, email = _whom(row, told["phone"], told["email"])
        return named(row, told["name"], phone=phone, email=email), ""
    except dates.Ambiguous as why:
        return replace(row, problem=str(why)), why.typed
    except Unreadable as why:
        return replace(row, problem=str(why)), ""


def _whom(row: Row, phone: str, email: str) -> tuple[Row, str, str]:
    """The number and the address of two columns, and the row with what was cut from them: "212 555 0123 (daughter)"."""
    phone, email, cut = meant(phone), meant(email), row.cut
    if phone and not phones.is_one(phone) and (found := names.read(phone[:SEARCHED_OF_A_TITLE])).phone:
        phone, cut = found.phone, (*cut, *filter(None, (found.name, *found.cut)))
    if email and (found := names.read(email[:SEARCHED_OF_A_TITLE])).email not in ("", email):
        email, cut = found.email, (*cut, *filter(None, (found.name, *found.cut)))
    return replace(row, cut=cut), a_phone(phone), an_email(email)


def _start(told: dict[str, str], order: Order) -> datetime:
    if told["date"] or told["time"] or not told["start"]:
        return dates.at(dates.a_day(told["date"], order), dates.a_time(told["time"]))
    return dates.both(told["start"], order)


def _end(starts_at: datetime, minutes: str) -> datetime | None:
    return an_end(starts_at, starts_at + dates.a_length(minutes)) if minutes else None
