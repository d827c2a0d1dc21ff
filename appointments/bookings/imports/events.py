"""Appointments from a calendar file: each event that happens once, at a time of day, is one."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext
from icalendar import Event

from appointments.bookings.imports import meanings, moments, names, states, zones
from appointments.bookings.imports.moments import File
from appointments.bookings.imports.names import EMAIL, LONGEST_PHONE
from appointments.bookings.imports.rows import (
    SEARCHED,
    SEARCHED_OF_A_TITLE,
    Row,
    Unreadable,
    an_email,
    an_end,
    named,
    plain,
)
from appointments.bookings.imports.unfolded import Block, Parts
from clinic import phones

# The library keeps what files call their zones for the whole process, and the first file wins: "Customized Time Zone"
# is another one in each. It is not told that the name is one of a zone; zones.py knows them.
ZONE = re.compile(
    r"^((?:DTSTART|DTEND|EXDATE|RDATE|RECURRENCE-ID)(?:;(?!TZID=)[^:;=\"\n]+=(?:\"[^\"\n]*\"|[^:;\"\n]*))*);TZID=",
    re.IGNORECASE | re.MULTILINE,
)
# A link, and how to join a meeting from there on: its numbers are nobody's.
CONFERENCE = re.compile(
    r"https?://\S+|\b(?:join (?:zoom|the meeting|by phone|with google meet|on your)|microsoft teams|one tap mobile"
    r"|dial[ -]?(?:in|by)\b|(?:meeting|conference) id\b|call in \(audio).*",
    re.IGNORECASE | re.DOTALL,
)
AS_WRITTEN = ("RECURRENCE-ID", "DTSTAMP", "LAST-MODIFIED")
STAMP = re.compile(r"\d{8}T\d{6}Z", re.ASCII)


def rows(parts: Parts, zone: ZoneInfo) -> list[Row]:
    """A row for each event that is not long over, in the file's order."""
    rules = zones.rules(parts.zones)
    files = [File(zone, rules, said) for said in parts.said] or [File(zone, rules, {})]
    return list(_newest([_row(block, files[max(block.calendar, 0)]) for block in parts.events]))


def _newest(rows: list[Row]) -> Iterator[Row]:
    """
    The rows, of which an older state of the same event stays out (RFC 5546, 2.1.5), and of two that are equally new the
    one that says less.
    """
    newest: dict[str, Row] = {}
    for row in rows:
        if row.uid and (row.uid not in newest or _rank(row) > _rank(newest[row.uid])):
            newest[row.uid] = row
    changed = {row.changes: row for row in newest.values() if row.changes}
    for row in rows:
        other = newest.get(row.uid, row)
        if row.starts_at and not row.changes and not row.problem and (row.uid, row.starts_at) in changed:
            other = changed[row.uid, row.starts_at]
            said = gettext("Row %d of this file is its changed day.") % other.number
            yield replace(row, uid="", is_cancelled=False, problem=said)
        elif _rank(row) == _rank(other):
            yield row
        else:
            newer = gettext("Row %d of this file is a newer state of it.") % other.number
            more = gettext("Row %d of this file is the same, and says more.") % other.number
            said = newer if _rank(row)[:2] < _rank(other)[:2] else more
            yield replace(row, uid="", is_cancelled=False, problem=said)


def _rank(row: Row) -> tuple[int, str, bool, bool]:
    return row.sequence or 0, row.stamp, not row.problem, not row.is_private


def _row(block: Block, file: File) -> Row:
    row = Row(block.number)
    try:
        if block.is_too_long:
            row = replace(row, name=_title(block))
            raise Unreadable(gettext("It holds more than any appointment does: enter it by hand."))
        event = _event(block)
        called = plain(_text(event, "SUMMARY")[:SEARCHED_OF_A_TITLE])[:100]
        row = replace(row, name=called, uid=_uid(event), sequence=_sequence(event), stamp=_stamp(event))
        if is_private := meanings.is_private(event):
            row = replace(row, name="", is_private=True)
        if row.uid and "RECURRENCE-ID" in event:
            row = replace(row, changes=_changes(event, file))
        row = meanings.understood(row, event, file)
        try:
            row = _when(row, event, file)
        except Unreadable:
            if not row.is_cancelled:
                raise
        return row if is_private else _whom(row, event)
    except UnicodeDecodeError:
        return replace(row, name=_title(block), problem=gettext("A letter in it is broken: it is no text in UTF-8."))
    except Unreadable as why:
        return replace(row, problem=str(why))
    except Exception:  # The library meets a broken event with errors of many kinds.
        return replace(row, problem=gettext("This event is broken."))


def _title(block: Block) -> str:
    """The title of an event that is not read any further."""
    title = next((line for line in block.lines if line.upper().startswith(b"SUMMARY")), b"")
    return plain(title.partition(b":")[2].decode(errors="replace")[:SEARCHED_OF_A_TITLE])[:100]


def _event(block: Block) -> Any:
    lines = "\r\n".join(["BEGIN:VEVENT", *(line.decode() for line in block.lines), "END:VEVENT", ""])
    return Event.from_ical(ZONE.sub(r"\1;X-ZONE=", lines))


def _when(row: Row, event: Any, file: File) -> Row:
    if "DTSTART" not in event:
        raise Unreadable(gettext("It does not say when it starts."))
    if meanings.lasts_all_day(event) or not isinstance(event["DTSTART"].dt, datetime):
        free = gettext("It lasts all day, and takes no time: it is shown as free there.")
        raise Unreadable(free if row.takes_no_time else _all_day(event))
    starts_at = _a_moment(event["DTSTART"], file)
    ends_at = None
    if "DTEND" in event:
        ends_at = an_end(starts_at, _a_moment(event["DTEND"], file))
    elif "DURATION" in event:
        length: Any = event["DURATION"]
        ends_at = an_end(starts_at, starts_at + length.dt)
    else:
        unsaid = gettext("It does not say how long it takes: as long as the kind of visit.")
        row = replace(row, notes=(*row.notes, unsaid))
    return replace(row, starts_at=starts_at, ends_at=ends_at)


def _uid(event: Any) -> str:
    # One changed day of what repeats has the uid of the whole.
    uid = _text(event, "UID").strip()
    return f"{uid} {_text(event, 'RECURRENCE-ID')}" if uid and "RECURRENCE-ID" in event else uid


def _sequence(event: Any) -> int | None:
    said = _text(event, "SEQUENCE").strip()
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None


def _stamp(event: Any) -> str:
    """When this state of it was made: of two with the same SEQUENCE, the later counts."""
    said = [_text(event, name) for name in ("DTSTAMP", "LAST-MODIFIED")]
    return " ".join(each if STAMP.fullmatch(each) else "" for each in said)


def _changes(event: Any, file: File) -> tuple[str, datetime] | None:
    """The id of what repeats, and which of its times this one stands for."""
    value: Any = event["RECURRENCE-ID"]
    try:
        return _text(event, "UID").strip(), moments.moment(value, file)
    except (Unreadable, AttributeError):
        return None


def _a_moment(value: Any, file: File) -> datetime:
    if not isinstance(value.dt, datetime):
        raise Unreadable(gettext("It begins at a time and ends with a day, or the other way round: enter it by hand."))
    return moments.moment(value, file)


def _all_day(event: Any) -> str:
    """What to do with an event of whole days, and which they are: the day on which it ends is no part of it."""
    days: list[Any] = [getattr(event.get(name), "dt", None) for name in ("DTSTART", "DTEND")]
    first, last = (each.date() if isinstance(each, datetime) else each for each in days)
    if last is None and isinstance(length := getattr(event.get("DURATION"), "dt", None), timedelta):
        last = first + length
    said = {"first": date_format(first, "N j, Y")}
    if last is None or last - first <= timedelta(days=1):
        return gettext("It lasts all day, %(first)s: enter a closure or busy time instead.") % said
    said["last"] = date_format(last - timedelta(days=1), "N j, Y")
    return gettext("It lasts all day, %(first)s to %(last)s: enter a closure or busy time instead.") % said


def _whom(row: Row, event: Any) -> Row:
    _state, summary = states.marked(plain(_text(event, "SUMMARY")[:SEARCHED_OF_A_TITLE]))
    about = CONFERENCE.sub("", plain(_text(event, "DESCRIPTION")[:SEARCHED]))
    called, email = _guest(event)
    in_title = names.read(summary)
    email = an_email(email or in_title.email or names.email_in(about))
    phone = in_title.phone or _phone(about)
    # As a row was known before dates and notes were cut, where its event has no id of its own.
    written = plain(EMAIL.sub("", summary).replace(_phone(summary), "")).strip(" ,;:/|-–—()[]<>")
    return named(row, called or summary, phone=phone, email=email, written=called or written)


def _guest(event: Any) -> tuple[str, str]:
    """Name and address of the only guest beside the host; of several, nobody knows which one is the patient."""
    guests = meanings.guests(event)
    if len(guests) != 1:
        return "", ""
    called = plain(str(guests[0].params.get("CN", "")))
    return ("" if "@" in called else called), meanings.address(guests[0])


def _phone(words: str) -> str:
    return next((number for number in phones.found_in(words) if len(number) <= LONGEST_PHONE), "")


def _text(event: Any, name: str) -> str:
    """What the event says; the first, where it says it several times."""
    value = event.get(name, "")
    value = value[0] if isinstance(value, list) else value
    return str(value.to_ical().decode()) if name in AS_WRITTEN and value else str(value)
