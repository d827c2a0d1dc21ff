"""Appointments from a calendar file: each event that happens once, at a time of day, is one."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from icalendar import Calendar
from icalendar.timezone import tzp

from appointments.bookings.imports import names
from appointments.bookings.imports.names import EMAIL, LONGEST_PHONE
from appointments.bookings.imports.rows import SEARCHED, Row, Unreadable, a_moment, an_email, an_end, named, plain
from clinic import phones

# The library keeps what a file calls its time zones for the whole process, and the first file wins: "Customized Time
# Zone" is another one in each. It is made to forget before each file, which is read alone.
READING = Lock()


def rows(text: str, zone: ZoneInfo) -> list[Row]:
    """A row for each event, in the file's order. Raises Unreadable."""
    with READING:
        tzp.use_default()
        try:
            calendars = Calendar.from_ical(text, multiple=True)
            events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
        except Exception as error:  # The library meets a broken file with errors of many kinds.
            raise Unreadable(gettext("This calendar file is broken. Export it again.")) from error
        return [_row(number, event, zone) for number, event in enumerate(events, start=1)]


def _row(number: int, event: Any, zone: ZoneInfo) -> Row:
    row = Row(number)
    try:
        row = replace(row, name=plain(_text(event, "SUMMARY"))[:100], uid=_uid(event), sequence=_sequence(event))
        if _text(event, "STATUS").upper() == "CANCELLED":
            row = replace(row, is_cancelled=True, problem=gettext("It is canceled."))
            with suppress(Unreadable):
                row = _when(row, event, zone)
            return _whom(row, event)
        row = _when(row, event, zone)
        return _whom(row, event)
    except Unreadable as why:
        return replace(row, problem=str(why))
    except Exception:  # As above, for one event.
        return replace(row, problem=gettext("This event is broken."))


def _when(row: Row, event: Any, zone: ZoneInfo) -> Row:
    if "RRULE" in event or "RDATE" in event:
        raise Unreadable(gettext("It repeats: enter it as busy time every week."))
    if "DTSTART" not in event:
        raise Unreadable(gettext("It does not say when it starts."))
    starts_at = _moment(event["DTSTART"], zone)
    ends_at = None
    if "DTEND" in event:
        ends_at = an_end(starts_at, _moment(event["DTEND"], zone))
    elif "DURATION" in event:
        length: Any = event["DURATION"]
        ends_at = an_end(starts_at, starts_at + length.dt)
    return replace(row, starts_at=starts_at, ends_at=ends_at)


def _uid(event: Any) -> str:
    # One changed day of what repeats has the uid of the whole.
    uid = _text(event, "UID").strip()
    return f"{uid} {_text(event, 'RECURRENCE-ID')}" if uid and "RECURRENCE-ID" in event else uid


def _sequence(event: Any) -> int | None:
    said = _text(event, "SEQUENCE").strip()
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None


def _moment(value: Any, zone: ZoneInfo) -> datetime:
    found = value.dt
    if isinstance(found, date) and not isinstance(found, datetime):
        raise Unreadable(gettext("It lasts all day: enter a closure or busy time instead."))
    if found.tzinfo is None and (name := value.params.get("TZID")):
        raise Unreadable(gettext("Its time zone “%s” is not known.") % str(name)[:60])
    return a_moment(found, zone)


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
    found = event.get("ATTENDEE", [])
    host = _address(event.get("ORGANIZER", "")).lower()
    guests = [
        guest
        for guest in (found if isinstance(found, list) else [found])
        if _address(guest).lower() not in ("", host)
        and guest.params.get("CUTYPE", "INDIVIDUAL").upper() == "INDIVIDUAL"
    ]
    if len(guests) != 1:
        return "", ""
    called = plain(str(guests[0].params.get("CN", "")))
    return ("" if "@" in called else called), _address(guests[0])


def _address(value: Any) -> str:
    scheme, _colon, address = str(value).strip().partition(":")
    return address.strip() if scheme.lower() == "mailto" else ""


def _phone(words: str) -> str:
    return next((number for number in phones.found_in(words) if len(number) <= LONGEST_PHONE), "")


def _text(event: Any, name: str) -> str:
    """What the event says; the first, where it says it several times."""
    value = event.get(name, "")
    value = value[0] if isinstance(value, list) else value
    return str(value.to_ical().decode()) if name == "RECURRENCE-ID" else str(value)
