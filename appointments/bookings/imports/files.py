"""A file that somebody brings: whichever kind it is, what is in it, or one sentence on why it can't be read."""

import re
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from appointments import limits
from appointments.bookings.imports import events, tables
from appointments.bookings.imports.rows import Row, Unreadable


@dataclass(frozen=True)
class Reading:
    """The rows of a file, the columns that mean nothing here, and why all of it can't be read, if so."""

    rows: list[Row] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    problem: str = ""

    def silent_on(self, field: str) -> int:
        """How many rows that could come in do not say this field of theirs."""
        return sum(not getattr(row, field) for row in self.rows if row.is_cancelled or not row.problem)


def read(content: bytes, zone: ZoneInfo) -> Reading:
    """Read a calendar file or a table; times without a zone of their own are in `zone`. Never raises."""
    try:
        text = _text(content)
        unused: list[str] = []
        if text[:100].lstrip().upper().startswith("BEGIN:"):
            # Counted first: reading so many would keep somebody waiting for nothing.
            _check_number(len(re.findall(r"^BEGIN:VEVENT", text, re.IGNORECASE | re.MULTILINE)))
            rows = events.rows(text, zone)
        else:
            rows, unused = tables.rows(text, zone)
        _check_number(len(rows))
    except Unreadable as why:
        return Reading(problem=str(why))
    return Reading(rows, unused)


def _check_number(rows: int) -> None:
    if rows > limits.IMPORT_ROWS:
        raise Unreadable(
            gettext("There are more than %d rows in this file. Export only what is to come.") % limits.IMPORT_ROWS
        )
    if not rows:
        raise Unreadable(gettext("There are no appointments in this file."))


def _text(content: bytes) -> str:
    if len(content) > limits.IMPORT_BYTES:
        raise Unreadable(gettext("This file is larger than 2 MB. Export only what is to come."))
    if not content.strip():
        raise Unreadable(gettext("This file is empty."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise Unreadable(
            gettext(
                "This file is no text in UTF-8. In a spreadsheet program, save it as “CSV UTF-8”; a calendar, as .ics."
            )
        )
    return text
