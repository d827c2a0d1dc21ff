"""Appointments from a calendar file: each event that happens once, at a time of day, is one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from icalendar import Event

from appointments.bookings.imports import meanings, names, zones
from appointments.bookings.imports.names import EMAIL, LONGEST_PHONE
from appointments.bookings.imports.rows import SEARCHED, Row, Unreadable, a_moment, an_email, an_end, named, plain
from appointments.bookings.imports.unfolded import Block, Parts
from clinic import phones

# The library keeps what files call their zones for the whole process, and the first file wins: "Customized Time Zone"
# is another one in each. It is not told that the name is one of a zone; zones.py knows them.
ZONE = re.compile(
    r"^((?:DTSTART|DTEND|EXDATE|RECURRENCE-ID)(?:;(?!TZID=)[^:;=\"\n]+=(?:\"[^\"\n]*\"|[^:;\"\n]*))*);TZID=",
    re.IGNORECASE | re.MULTILINE,
)


ALL_DAY = _("It lasts all day: enter a closure or busy time instead.")


class File(NamedTuple):
    """What the rows of one file have in common: the clinic's zone, and the zones that the file describes itself."""

    zone: ZoneInfo
    rules: Mapping[str, tzinfo]
    calendars: Sequence[Mapping[bytes, bytes]]


def rows(parts: Parts, zone: ZoneInfo) -> list[Row]:
    """A row for each event that is not long over, in the file's order."""
    file = File(zone, zones.rules(parts.zones), parts.said)
    return list(_newest([_row(block, file) for block in parts.events]))


def _newest(rows: list[Row]) -> Iterator[Row]:
    """The rows, of which an older state of the same event stays out (RFC 5546, 2.1.5)."""
    newest: dict[str, Row] = {}
    for row in rows:
        if row.uid and (row.uid not in newest or (row.sequence or 0) > (newest[row.uid].sequence or 0)):
            newest[row.uid] = row
    for row in rows:
        other = newest.get(row.uid, row)
        if (row.sequence or 0) < (other.sequence or 0):
            said = gettext("Row %d of this file is a newer state of it.") % other.number
            yield replace(row, uid="", is_cancelled=False, problem=said)
        else:
            yield row


def _row(block: Block, file: File) -> Row:
    row = Row(block.number)
    try:
        event = _event(block)
        row = replace(row, name=plain(_text(event, "SUMMARY"))[:100], uid=_uid(event), sequence=_sequence(event))
        if is_private := meanings.is_private(event):
            row = replace(row, name="", is_private=True)
        row = meanings.understood(row, event, file.calendars[block.calendar] if file.calendars else {})
        try:
            row = _when(row, event, file)
        except Unreadable:
            if not row.is_cancelled:
                raise
        return row if is_private else _whom(row, event)
    except UnicodeDecodeError:
        title = next((line for line in block.lines if line.upper().startswith(b"SUMMARY")), b"")
        shown = plain(title.partition(b":")[2].decode(errors="replace"))[:100]
        return replace(row, name=shown, problem=gettext("A letter in it is broken: it is no text in UTF-8."))
    except Unreadable as why:
        return replace(row, problem=str(why))
    except Exception:  # The library meets a broken event with errors of many kinds.
        return replace(row, problem=gettext("This event is broken."))


def _event(block: Block) -> Any:
    lines = "\r\n".join(["BEGIN:VEVENT", *(line.decode() for line in block.lines), "END:VEVENT", ""])
    return Event.from_ical(ZONE.sub(r"\1;X-ZONE=", lines))


def _when(row: Row, event: Any, file: File) -> Row:
    if "DTSTART" not in event:
        raise Unreadable(gettext("It does not say when it starts."))
    if meanings.lasts_all_day(event) or not isinstance(event["DTSTART"].dt, datetime):
        free = gettext("It lasts all day, and takes no time: it is shown as free there.")
        raise Unreadable(free if row.takes_no_time else ALL_DAY)
    starts_at = _moment(event["DTSTART"], file)
    ends_at = None
    if "DTEND" in event:
        ends_at = an_end(starts_at, _moment(event["DTEND"], file))
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


def _moment(value: Any, file: File) -> datetime:
    found = value.dt
    if isinstance(found, date) and not isinstance(found, datetime):
        raise Unreadable(ALL_DAY)
    if not (name := str(value.params.get("X-ZONE", ""))):
        return a_moment(found, file.zone)
    zone = zones.named(name, file.rules)
    if zone is None:
        raise Unreadable(
            gettext("Its time zone “%s” is not known, and the file does not describe it: enter it by hand.") % name[:60]
        )
    return a_moment(found.replace(tzinfo=zone), file.zone)


def _whom(row: Row, event: Any) -> Row:
    summary, about = (plain(_text(event, name)[:SEARCHED]) for name in ("SUMMARY", "DESCRIPTION"))
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
    return str(value.to_ical().decode()) if name == "RECURRENCE-ID" else str(value)
