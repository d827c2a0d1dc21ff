"""
A calendar file, taken apart into its events before any of it is decoded.

A line may be folded inside a letter, so that bytes are unfolded first (RFC 5545, 3.1). A broken byte costs its event,
and what is long over is counted and never looked at: years of it are in a file with one visit to come.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext

from appointments.bookings.imports.rows import SEARCHED, Unreadable
from clinic import timeline

FOLD = re.compile(rb"\r?\n[ \t]")
LINES = re.compile(rb"\r\n|\n|\r")
# What is read of an event. All else, like what is attached to it, is dropped, and its page carries none of it along.
READ = frozenset(
    b"UID RECURRENCE-ID SEQUENCE STATUS TRANSP CLASS DTSTART DTEND DURATION RRULE RDATE EXDATE SUMMARY DESCRIPTION "
    b"ATTENDEE ORGANIZER DTSTAMP LAST-MODIFIED X-MICROSOFT-CDO-BUSYSTATUS X-MICROSOFT-CDO-ALLDAYEVENT "
    b"X-CALENDARSERVER-ACCESS".split()
)
# Of the calendar itself.
KEPT = frozenset(b"METHOD X-WR-CALNAME X-WR-TIMEZONE".split())
NAME = re.compile(rb"[A-Za-z0-9-]+")
DAY = re.compile(rb":(\d{4})(\d\d)(\d\d)(?:T|$)")
UNTIL = re.compile(rb"UNTIL=(\d{4})(\d\d)(\d\d)", re.IGNORECASE)
# Some programs leave out the quotation marks around a name with a colon in it.
UNQUOTED = re.compile(
    rb";TZID=(\((?:UTC|GMT)[^)\"]{0,40}\)[^:;\"]{0,100}|(?:UTC|GMT) ?[+-]\d{1,2}:\d\d|tzone://[^:;\"]{0,100})(?=[:;])",
    re.IGNORECASE,
)
# Zones differ by a day at most. An event that says its length in DURATION may be longer than one.
LONG_OVER, LONG_OVER_AND_LONG = timedelta(days=2), timedelta(days=60)
# Of the lines of one event that are read, in bytes; each of them costs some more.
TOO_LONG = b"X-TOO-LONG"
LONGEST, MOST_GUESTS, DEEPEST = 60_000, 20, 20
EARLIEST = timeline.EARLIEST.date()
# Stands for an event that is over where the file is carried along: the numbers of the others stay.
OVER = b"BEGIN:VEVENT\nDTSTART;VALUE=DATE:19700101\nEND:VEVENT"


@dataclass
class Block:
    """One event: its number in the file, and those of its lines that are read, as bytes."""

    number: int
    calendar: int
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    guests: int = 0

    @property
    def is_too_long(self) -> bool:
        return self.size > LONGEST

    def as_lines(self) -> list[bytes]:
        """What is read of it, and, where that is not all, that it is too long."""
        return [*self.lines, TOO_LONG + b":"] if self.is_too_long else self.lines

    def add(self, line: bytes, name: bytes) -> None:
        """Keep a line, as long as the event is no longer than somebody may wait for."""
        if name == b"ATTENDEE":
            # Of many, nobody knows which is the patient. Who has declined may be whose calendar it is.
            self.guests += 1
            if self.guests > MOST_GUESTS and (self.guests > MOST_GUESTS * 20 or b"DECLINED" not in line.upper()):
                return
        self.size += LONGEST + 1 if name == TOO_LONG else len(line) + 50
        if not self.is_too_long:
            self.lines.append(line)


@dataclass
class Parts:
    """A file's events to come, in its order, and how many are over; of each calendar in it what it says of itself."""

    events: list[Block] = field(default_factory=list)
    over: int = 0
    zones: list[bytes] = field(default_factory=list)
    said: list[dict[bytes, bytes]] = field(default_factory=list)

    def as_file(self) -> bytes:
        """The same as a file again, without all that is not read."""
        pieces, number, events = [], 0, defaultdict[int, list[Block]](list)
        for event in self.events:
            events[event.calendar].append(event)
        for index, said in enumerate(self.said):
            pieces.append(b"BEGIN:VCALENDAR")
            pieces += said.values()
            pieces += self.zones if index == 0 else []
            for event in events[index]:
                pieces += [OVER] * (event.number - number - 1)
                pieces += [b"BEGIN:VEVENT", *event.as_lines(), b"END:VEVENT"]
                number = event.number
            if index == len(self.said) - 1:
                pieces += [OVER] * (self.over + len(self.events) - number)
            pieces.append(b"END:VCALENDAR")
        return b"\n".join(pieces)


def parts(content: bytes, today: date) -> Parts:
    """The events of a calendar file. Raises Unreadable where it ends too early, or belongs together in no way."""
    found, inside, block, zone, number = Parts(), list[bytes](), None, list[bytes](), 0
    for line in _lines(content):
        name = match[0].upper() if (match := NAME.match(line)) else b""
        if name == b"BEGIN":
            inside.append(line[6:].strip().upper())
            if len(inside) > DEEPEST:
                raise Unreadable(gettext("This calendar file is broken. Export it again."))
            if inside[-1] == b"VCALENDAR":
                found.said.append({})
            elif inside[-1] == b"VEVENT":
                number += 1
                block = Block(number, len(found.said) - 1)
        if b"VTIMEZONE" in inside:
            zone.append(line)
        elif inside[-1:] == [b"VEVENT"] and block is not None and (name in READ or name == TOO_LONG):
            shortened = _shortened(line, name)
            block.add(UNQUOTED.sub(rb';TZID="\1"', shortened) if len(shortened) < LONGEST else shortened, name)
        elif inside == [b"VCALENDAR"] and name in KEPT:
            found.said[-1][name] = line
        if name == b"END":
            ended = inside.pop() if inside else b""
            if ended != line[4:].strip().upper():
                raise Unreadable(gettext("This calendar file is broken. Export it again."))
            if ended == b"VEVENT" and block is not None:
                if _is_long_over(block.lines, today):
                    found.over += 1
                else:
                    found.events.append(block)
            elif ended == b"VTIMEZONE":
                found.zones.append(b"\n".join(zone))
                zone = []
    if inside:
        raise Unreadable(gettext("This calendar file ends in the middle. Export it again."))
    return found


def _lines(content: bytes) -> Iterator[bytes]:
    return (line for line in LINES.split(FOLD.sub(b"", content)) if line)


def _shortened(line: bytes, name: bytes) -> bytes:
    """Of long notes what is searched, at the least; what has a broken letter stays as it is, and is said."""
    if name not in (b"DESCRIPTION", b"SUMMARY") or len(line) <= SEARCHED * 2:
        return line
    try:
        # A sign may be written as two, with a backslash.
        return line.decode()[: SEARCHED * 2 + len("DESCRIPTION;LANGUAGE=en-us:")].encode()
    except UnicodeDecodeError:
        return line


def _is_long_over(lines: list[bytes], today: date) -> bool:
    """Whether it ended days ago, whatever its time zone is."""
    said = {match[0].upper(): line for line in lines if (match := NAME.match(line))}
    if b"RDATE" in said or b"RANGE=" in said.get(b"RECURRENCE-ID", b"").upper():
        return False
    days = [_day(DAY.search(said[name])) for name in (b"DTSTART", b"DTEND") if name in said]
    if b"RRULE" in said:
        days.append(_day(UNTIL.search(said[b"RRULE"])))
    margin = LONG_OVER_AND_LONG if b"DURATION" in said else LONG_OVER
    # A year that cannot be was mistyped: somebody has to see it.
    return bool(days) and all(day and EARLIEST <= day < today - margin for day in days)


def _day(found: re.Match[bytes] | None) -> date | None:
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
