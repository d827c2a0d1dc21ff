"""Appointments from a table: CSV with a line of column names, as spreadsheet programs save it."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from appointments import limits
from appointments.bookings.imports import names
from appointments.bookings.imports.rows import (
    SEARCHED,
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
# What a table says of an appointment that does not take place.
CANCELLED = frozenset(["cancelled", "canceled", "deleted", "removed"])
SEP = re.compile(r"\"?sep=([^\r\n])\"?\r?\n", re.IGNORECASE)
CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::00)?\s*(?:([ap])\.?m\.?)?", re.IGNORECASE | re.ASCII)


def rows(text: str, zone: ZoneInfo, today: date) -> tuple[list[Row], list[str], int]:
    """
    The rows after the line of names, the names that mean nothing here, and how many rows are long over.

    What is no UTF-8 stands in the text as surrogates, and costs its row. Raises Unreadable.
    """
    delimiter, text = _delimiter(text)
    # Strict: a quotation mark that does not end would swallow all that follows without a word.
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [plain(name) for name in next(lines)]
    except (csv.Error, StopIteration) as error:
        raise Unreadable(gettext("The first line cannot be read: it must name the columns.")) from error
    columns = [normalize(name).replace(" ", "").replace("_", "") for name in names]
    _check(columns)
    unused = [name for name, column in zip(names, columns, strict=True) if name and column not in COLUMNS]
    over, found = 0, list[Row]()
    for row in _read(lines, columns, zone, today):
        if row is None:
            over += 1
        else:
            found.append(row)
        if len(found) > limits.IMPORT_ROWS:
            break  # It is refused: reading on would keep somebody waiting for nothing.
    if found and all(row.problem == _broken() for row in found):
        raise no_text()
    return found, unused, over


def _broken() -> str:
    return gettext("A letter in it is broken: it is no text in UTF-8.")


def _delimiter(text: str) -> tuple[str, str]:
    """What stands between the cells, and the text without the line that says so to spreadsheet programs: "sep=;"."""
    text = text.lstrip("\r\n")
    if said := SEP.match(text):
        return said[1], text[said.end() :]
    first = text.lstrip().partition("\n")[0]
    return max(",;\t", key=first.count), text


def _check(columns: list[str]) -> None:
    if "name" not in columns or not ("start" in columns or {"date", "time"} <= set(columns)):
        raise Unreadable(
            gettext("The first line must name the columns: name, and date and time. See the example on this page.")
        )
    if twice := [column for column in COLUMNS if columns.count(column) > 1]:
        raise Unreadable(gettext("There are two columns with the same name: %s.") % twice[0])


def _read(lines: Iterator[list[str]], columns: list[str], zone: ZoneInfo, today: date) -> Iterator[Row | None]:
    """The rows; None for one that is long over, which is not looked at any further."""
    number = 1  # As spreadsheet programs count: the names are in the first row.
    day = next(index for name in ("date", "start") for index, column in enumerate(columns) if column == name)
    try:
        for line in lines:
            number += 1
            if day < len(line) and _is_long_over(line[day], today):
                yield None
            elif any(cells := [plain(cell) for cell in line]):
                yield _row(number, cells, columns, zone)
    except csv.Error:
        yield Row(number + 1, problem=gettext("From here on the file cannot be read. Is there a stray quotation mark?"))


@lru_cache(maxsize=10_000)
def _is_long_over(typed: str, today: date) -> bool:
    try:
        day = _date(re.split(r"[T\s,]", typed.strip(), maxsplit=1)[0])
        # A year that cannot be was mistyped: somebody has to see it.
        return timeline.EARLIEST.date() <= day < today - timedelta(days=2)
    except Unreadable:
        return False


def shown(words: str) -> str:
    """The words with a sign in place of each broken one."""
    return words.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _row(number: int, cells: list[str], columns: list[str], zone: ZoneInfo) -> Row:
    told = dict.fromkeys(COLUMNS, "") | dict(zip(columns, cells, strict=False))
    row = Row(number, told["name"], practitioner=told["practitioner"], visit_type=told["visittype"], uid=told["id"])
    status = normalize(told["status"])
    if status in CANCELLED or status.startswith(("cancel", "noshow", "no show", "no-show")):
        row = replace(row, is_cancelled=True, problem=gettext("It is canceled."))
    try:
        if any("\ud800" <= sign <= "\udfff" for cell in cells for sign in cell):
            row = replace(row, name=shown(told["name"]), practitioner="", visit_type="", uid="")
            raise Unreadable(_broken())
        # A comma in a name without quotation marks moves all that follows into the wrong columns.
        if any(cells[len(columns) :]):
            raise Unreadable(gettext("There are more cells than columns: put names with commas in quotation marks."))
        starts_at = a_moment(_start(told), zone)
        row = replace(row, starts_at=starts_at, ends_at=_end(starts_at, told["minutes"]))
        row, phone, email = _whom(row, told["phone"], told["email"])
        return named(row, told["name"], phone=phone, email=email)
    except Unreadable as why:
        return replace(row, problem=str(why))


def _whom(row: Row, phone: str, email: str) -> tuple[Row, str, str]:
    """The number and the address of two columns, and the row with what was cut from them: "212 555 0123 (daughter)"."""
    phone, email, cut = meant(phone), meant(email), row.cut
    if phone and not phones.is_one(phone) and (found := names.read(phone[:SEARCHED])).phone:
        phone, cut = found.phone, (*cut, *filter(None, (found.name, *found.cut)))
    if email and (found := names.read(email[:SEARCHED])).email not in ("", email):
        email, cut = found.email, (*cut, *filter(None, (found.name, *found.cut)))
    return replace(row, cut=cut), a_phone(phone), an_email(email)


def _start(said: dict[str, str]) -> datetime:
    if said["date"] or said["time"] or not said["start"]:
        return datetime.combine(_date(said["date"]), _time(said["time"]))
    day, _between, clock = re.sub(r"[T\s,]+", " ", said["start"], count=1).partition(" ")
    try:
        return datetime.combine(_date(day), _time(clock))
    except Unreadable:
        # With its distance from UTC, like 2026-11-24T09:30:00-05:00.
        try:
            found = datetime.fromisoformat(said["start"])
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            raise
        return found


def _date(typed: str) -> date:
    for order in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(typed, order).date()  # noqa: DTZ007  (a day is the same in every zone)
        except ValueError:
            continue
    raise Unreadable(gettext("“%s” is no date like 2026-11-24 or 11/24/2026.") % typed[:30])


def _time(typed: str) -> time:
    wrong = Unreadable(gettext("“%s” is no time like 9:30, 14:00 or 2 PM.") % typed[:30])
    found = CLOCK.fullmatch(typed)
    if not found or not (found[2] or found[3]):
        raise wrong
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            raise wrong
        hour = hour % 12 + (12 if found[3].lower() == "p" else 0)
    if hour > 23 or minute > 59:
        raise wrong
    return time(hour, minute)


def _end(starts_at: datetime, minutes: str) -> datetime | None:
    if not minutes:
        return None
    if not re.fullmatch(r"\d{1,6}", minutes, re.ASCII) or not int(minutes):
        raise Unreadable(gettext("“%s” is no number of minutes.") % minutes[:30])
    return an_end(starts_at, starts_at + timedelta(minutes=int(minutes)))
