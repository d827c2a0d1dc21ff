"""A file that somebody brings: whichever kind it is, what is in it, or one sentence on why it can't be read."""

import codecs
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext

from appointments import limits
from appointments.bookings.imports import events, tables, unfolded, zips
from appointments.bookings.imports.rows import Row, Unreadable, no_text


@dataclass(frozen=True)
class Reading:
    """
    The rows of a file, the columns that mean nothing here, and why all of it can't be read, if so.

    `over` is how many more are long over, and were not looked at. `kept` is the file as its page carries it along.
    `unsure` is a date of it that may be two days.
    """

    rows: list[Row] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    problem: str = ""
    over: int = 0
    kept: bytes = b""
    unsure: str = ""

    def silent_on(self, field: str) -> int:
        """How many rows that could come in do not say this field of theirs."""
        return sum(not getattr(row, field) for row in self.rows if row.is_cancelled or not row.problem)


def read(content: bytes, zone: ZoneInfo) -> Reading:
    """Read a calendar file or a table; times without a zone of their own are in `zone`. Never raises."""
    today = timezone.now().date()
    try:
        _check_size(content)
        if zips.is_one(content):
            content = zips.unzipped(content)
            _check_size(content)
        content = _in_utf_8(content)
        if content[:100].lstrip().upper().startswith(b"BEGIN:"):
            parts = unfolded.parts(content, today)
            # Counted first: reading so many would keep somebody waiting for nothing.
            _check_number(len(parts.events), parts.over)
            reading = Reading(events.rows(parts, zone), over=parts.over, kept=parts.as_file())
        else:
            table = tables.read(content.decode(errors="surrogateescape"), zone, today)
            reading = Reading(table.rows, table.unused, over=table.over, kept=content, unsure=table.unsure)
        _check_number(len(reading.rows), reading.over)
    except Unreadable as why:
        return Reading(problem=str(why))
    return reading


def _check_number(rows: int, over: int) -> None:
    if rows > limits.IMPORT_ROWS:
        said = gettext("There are more than %d rows to come in this file. Export a shorter time.")
        raise Unreadable(said % limits.IMPORT_ROWS)
    if not rows:
        said = gettext("There are no appointments in this file.")
        raise Unreadable(gettext("All appointments in this file are over.") if over else said)


def _check_size(content: bytes) -> None:
    if len(content) > limits.IMPORT_BYTES:
        raise Unreadable(gettext("This file is larger than 20 MB. Export a shorter time."))
    if not content.strip():
        raise Unreadable(gettext("This file is empty."))


def _in_utf_8(content: bytes) -> bytes:
    """The text in UTF-8. A broken letter stays broken, and costs its event or row; the half of one at the end goes."""
    if encoding := _utf_16(content):
        text = content[: len(content) // 2 * 2].decode(encoding, errors="surrogatepass")
        content = text.encode(errors="surrogatepass")
    content = content.removeprefix(codecs.BOM_UTF8)
    if b"\0" in content:
        raise no_text()
    return content


def _utf_16(content: bytes) -> str:
    """Which UTF-16 it is: by its mark, or, since what we read begins with letters of ASCII, by its first four."""
    first, second = content[:8:2], content[1:8:2]
    if content.startswith(codecs.BOM_UTF16_LE) or (second == bytes(4) and first.isascii() and all(first)):
        return "utf-16-le"
    if content.startswith(codecs.BOM_UTF16_BE) or (first == bytes(4) and second.isascii() and all(second)):
        return "utf-16-be"
    return ""
