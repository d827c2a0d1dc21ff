"""Appointments from a calendar file: each event that happens once, at a time of day, is one."""

import re
from dataclasses import replace
from datetime import date, datetime
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from icalendar import Calendar
from icalendar.timezone import tzp

from appointments.bookings.imports.rows import LONGEST_PHONE, Row, Unreadable, a_moment, a_name, an_email, an_end, plain
from clinic import phones

# The library keeps what a file calls its time zones for the whole process, and the first file wins: "Customized Time
# Zone" is another one in each. It is made to forget before each file, which is read alone.
READING = Lock()
# Bounded, so that a long word before no @ is not searched again from each of its letters.
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
# Whom to reach stands at the beginning; meeting links and mail threads follow.
SEARCHED = 2000


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
        row = replace(row, name=plain(_text(event, "SUMMARY"))[:100])
        row = _when(row, event, zone)
        return _whom(row, event)
    except Unreadable as why:
        return replace(row, problem=str(why))
    except Exception:  # As above, for one event.
        return replace(row, problem=gettext("This event is broken."))


def _when(row: Row, event: Any, zone: ZoneInfo) -> Row:
    if _text(event, "STATUS").upper() == "CANCELLED":
        raise Unreadable(gettext("It is canceled."))
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
    # One changed day of what repeats has the uid of the whole.
    uid = _text(event, "UID").strip()
    if uid and "RECURRENCE-ID" in event:
        uid += f" {_text(event, 'RECURRENCE-ID')}"
    return replace(row, starts_at=starts_at, ends_at=ends_at, uid=uid)


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
    email = an_email(email or _email(summary) or _email(about))
    in_summary = _phone(summary)
    phone = in_summary or _phone(about)
    name = called or plain(EMAIL.sub("", summary).replace(in_summary, "")).strip(" ,;:/|-–—()[]<>")
    return replace(row, name=a_name(name) or email or phone, phone=phone, email=email)


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


def _email(words: str) -> str:
    for found in EMAIL.findall(words):
        try:
            validate_email(found)
        except ValidationError:
            continue
        return str(found)
    return ""


def _phone(words: str) -> str:
    return next((number for number in phones.found_in(words) if len(number) <= LONGEST_PHONE), "")


def _text(event: Any, name: str) -> str:
    """What the event says; the first, where it says it several times."""
    value = event.get(name, "")
    value = value[0] if isinstance(value, list) else value
    return str(value.to_ical().decode()) if name == "RECURRENCE-ID" else str(value)
