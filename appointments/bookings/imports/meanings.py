"""
What an event says of itself beside its time and its title: whether, how surely and for whom it takes time, and who may
read it.

Sources: RFC 5545 (3.8.1, 3.8.2.7, 3.2.12), RFC 5546 (1.4), [MS-OXCICAL] for what begins with X-MICROSOFT.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext

from appointments.bookings.imports import series, states
from appointments.bookings.imports.moments import File
from appointments.bookings.imports.rows import Row, Unreadable

# A file of answers to invitations holds no appointments.
ANSWERS = frozenset(["REPLY", "REFRESH", "COUNTER", "DECLINECOUNTER"])
NOT_FOR_ALL = frozenset(["PRIVATE", "CONFIDENTIAL", "RESTRICTED"])
OF_THE_STANDARD = frozenset(["TENTATIVE", "CONFIRMED", "CANCELLED"])
FREE = frozenset(["FREE", "WORKINGELSEWHERE"])


def understood(row: Row, event: Any, file: File) -> Row:
    """The row with what its event says of itself. Raises Unreadable for what is no single appointment."""
    calendar = file.calendar
    method = _of_calendar(calendar, b"METHOD").upper()
    if method in ANSWERS:
        raise Unreadable(gettext("It is an answer to an invitation, and no appointment."))
    status, (mark, _title) = said(event, "STATUS"), states.marked(row.name)
    state = mark if mark != states.State() else states.meant_by(status)
    if status and status not in OF_THE_STANDARD and state.note:
        row = replace(row, notes=(*row.notes, state.note))
    if method == "CANCEL" or state.is_out:
        row = replace(row, is_cancelled=True, problem=state.is_out or gettext("It is canceled."))
    elif series.leaves_itself_out(event, file):
        row = replace(row, is_cancelled=True, problem=gettext("Its calendar leaves out this very day."))
    if not row.is_cancelled:
        series.check_that_it_happens_once(event, file)
    is_tentative = state.is_tentative
    takes_no_time = said(event, "TRANSP") == "TRANSPARENT"
    if busy := said(event, "X-MICROSOFT-CDO-BUSYSTATUS"):
        # Outlook says here what its user sees, and in the others the nearest that they know.
        is_tentative, takes_no_time = busy == "TENTATIVE" or mark.is_tentative, busy in FREE
    why = gettext("It is shown as free there: it takes no time.") if takes_no_time else ""
    answers = [str(guest.params.get("PARTSTAT", "")).upper() for guest in guests(event)]
    if "DECLINED" in _of_owner(event, calendar):
        why = gettext("Whose calendar it is has declined it: it takes no time.")
    elif answers == ["DECLINED"]:
        why = gettext("Its guest has declined it.")
    is_tentative = is_tentative or answers == ["TENTATIVE"]
    return replace(row, takes_no_time=why, is_tentative=is_tentative and not why)


def is_private(event: Any) -> bool:
    """Whether its title is not for everybody who may see that its time is taken."""
    # What nobody knows is private (RFC 5545, 3.8.1.3).
    return said(event, "CLASS") not in ("", "PUBLIC") or said(event, "X-CALENDARSERVER-ACCESS") in NOT_FOR_ALL


def lasts_all_day(event: Any) -> bool:
    return said(event, "X-MICROSOFT-CDO-ALLDAYEVENT") == "TRUE"


def guests(event: Any) -> list[Any]:
    """Who is to come beside the host: people, and not those who are only to know of it."""
    host = address(event.get("ORGANIZER", "")).lower()
    return [
        guest
        for guest in attendees(event)
        if address(guest).lower() not in ("", host)
        and str(guest.params.get("CUTYPE", "INDIVIDUAL")).upper() == "INDIVIDUAL"
        and str(guest.params.get("ROLE", "")).upper() not in ("NON-PARTICIPANT", "CHAIR")
    ]


def attendees(event: Any) -> list[Any]:
    found = event.get("ATTENDEE", [])
    return found if isinstance(found, list) else [found]


def address(value: Any) -> str:
    scheme, _colon, address = str(value).strip().partition(":")
    return address.strip() if scheme.lower() == "mailto" else ""


def said(event: Any, name: str) -> str:
    """A property of a few known words, the first where it stands several times."""
    value = event.get(name, "")
    return str(value[0] if isinstance(value, list) else value).strip().upper()


def _of_calendar(calendar: Mapping[bytes, bytes], name: bytes) -> str:
    return calendar.get(name, b"").partition(b":")[2].decode(errors="replace").strip()


def _of_owner(event: Any, calendar: Mapping[bytes, bytes]) -> list[str]:
    """What the calendar's own address answered: Google names calendars by it."""
    owner = _of_calendar(calendar, b"X-WR-CALNAME").lower()
    return [
        str(each.params.get("PARTSTAT", "")).upper()
        for each in attendees(event)
        if "@" in owner and address(each).lower() == owner
    ]
