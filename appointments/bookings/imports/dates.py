"""Dates, times and lengths as tables have them; what may be two days is read as no day, unless the file says which."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import Enum

from django.utils.formats import date_format
from django.utils.translation import gettext

from appointments.bookings.imports.rows import Unreadable


class Order(Enum):
    """What stands first in the dates of a file, like 12/5/2026, as far as they say it themselves."""

    MONTH = "month"
    DAY = "day"
    UNSAID = ""


class Ambiguous(Unreadable):
    """A date that is a day of one month or another, as it is `typed`."""

    def __init__(self, typed: str, *days: date) -> None:
        said = gettext("“%(typed)s” may be %(one)s or %(other)s, and no other date in this file says which.")
        one, other = (date_format(day, "F j") for day in days)
        super().__init__(said % {"typed": typed, "one": one, "other": other})
        self.typed = typed


# Whatever is longer is no date and no time.
LONGEST = 60
NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", re.ASCII)
YEAR_FIRST = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})", re.ASCII)
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = rf"({'|'.join(MONTHS)})[a-z]{{0,6}}\.?"
WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,? +", re.IGNORECASE)
# Beside the name of a month two digits are a year.
_YEAR = r"(\d{4}|\d\d)"
MONTH_NAMED = re.compile(rf"{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? {_YEAR}", re.IGNORECASE | re.ASCII)
DAY_THEN_NAME = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MONTH},?[ -]{_YEAR}", re.IGNORECASE | re.ASCII)
# As spreadsheet programs count days, from 2009 to 2064; what follows the point is the time.
SERIAL = re.compile(r"([4-5]\d{4})(?:[.,](\d{1,15}))?", re.ASCII)
FIRST_DAY = date(1899, 12, 30)
# "0.25" may be a quarter of a day, or 25 minutes past midnight.
PART_OF_A_DAY = re.compile(r"0[.,](\d|\d{3,15})", re.ASCII)
CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?:[:.]00)?\s*(?:([ap])\.?(?:\s?m\.?)?)?", re.IGNORECASE | re.ASCII)
AT_THE_END = re.compile(r"(?<=\d)[T\s,]+(\d{1,2}(?:[:.]\d\d){0,2}\s?(?:[ap]\.?\s?m\.?)?)$", re.IGNORECASE | re.ASCII)
# Spreadsheet programs write midnight behind a day, and the first of their days before a time.
MIDNIGHT = re.compile(r"[T ](?:0?0:00(?::00)?|12:00(?::00)? ?AM)$", re.IGNORECASE)
NO_DAY = re.compile(r"^(?:1899-12-3[01]|1900-01-0[01]|12/3[01]/1899|1/[01]/1900)[T ]")
_MINUTES = r"m(?:in(?:ute)?s?)?\.?"
LENGTH = re.compile(
    rf"(\d{{1,6}})(?:[.,]0{{1,3}})?(?: ?{_MINUTES})?|(\d{{1,2}}):([0-5]\d)(?::00)?"
    rf"|(\d{{1,2}}) ?h(?:(?:ou)?rs?)?\.?(?: ?([0-5]?\d)(?: ?{_MINUTES})?)?",
    re.IGNORECASE | re.ASCII,
)


def order(typed: Iterable[str]) -> Order:
    """What all dates of a file together say: the 13th is no month. Where they contradict each other, nothing."""
    found = set()
    for each in typed:
        if match := NUMBERS.match(each[:LONGEST].strip()):
            first, second = int(match[1]), int(match[3])
            if first > 12 >= second:
                found.add(Order.DAY)
            elif second > 12 >= first:
                found.add(Order.MONTH)
    return found.pop() if len(found) == 1 else Order.UNSAID


def a_day(typed: str, by: Order) -> date:
    """The day. Raises Unreadable; Ambiguous where it is one of two."""
    wrong = Unreadable(gettext("“%s” is no date like 2026-11-24 or 11/24/2026.") % typed[:30])
    typed = MIDNIGHT.sub("", WEEKDAY.sub("", typed.strip(), count=1)) if len(typed) <= LONGEST else ""
    try:
        if found := YEAR_FIRST.fullmatch(typed):
            return date(int(found[1]), int(found[3]), int(found[4]))
        if found := MONTH_NAMED.fullmatch(typed):
            return date(_year(found[3]), MONTHS.index(found[1].lower()) + 1, int(found[2]))
        if found := DAY_THEN_NAME.fullmatch(typed):
            return date(_year(found[3]), MONTHS.index(found[2].lower()) + 1, int(found[1]))
        if found := SERIAL.fullmatch(typed):
            return FIRST_DAY + timedelta(days=int(found[1]))
        if found := NUMBERS.fullmatch(typed):
            return _numbers(typed, int(found[1]), int(found[3]), int(found[4]), by)
    except ValueError as error:
        raise wrong from error
    raise wrong


def _year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _numbers(typed: str, first: int, second: int, year: int, by: Order) -> date:
    if first == second or second > 12 or (by == Order.MONTH and first <= 12):
        return date(year, first, second)
    if first > 12 or by == Order.DAY:
        return date(year, second, first)
    raise Ambiguous(typed, date(year, first, second), date(year, second, first))


def a_time(typed: str) -> timedelta:
    """The time on the clock, as what has passed since midnight: 24:00 is the next one. Raises Unreadable."""
    wrong = Unreadable(gettext("“%s” is no time like 9:30, 14:00 or 2 PM.") % typed[:30])
    typed = NO_DAY.sub("", typed.strip()) if len(typed) <= LONGEST else ""
    if found := PART_OF_A_DAY.fullmatch(typed):
        return _part(found[1])
    found = CLOCK.fullmatch(typed)
    if typed.lower() in ("noon", "12 noon"):
        return timedelta(hours=12)
    if not found or not (found[2] or found[3]) or re.fullmatch(r"0?0\.\d\d", typed):
        raise wrong
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            raise wrong
        hour = hour % 12 + (12 if found[3].lower() == "p" else 0)
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        raise wrong
    return timedelta(hours=hour, minutes=minute)


def at(day: date, since_midnight: timedelta) -> datetime:
    """The moment on the clock, without a zone. Raises Unreadable after the end of all days."""
    try:
        return datetime.combine(day, time()) + since_midnight
    except OverflowError as error:
        raise Unreadable(gettext("The year must be between 1900 and 2199.")) from error


def both(typed: str, by: Order) -> datetime:
    """Day and time in one, of its own zone where it names its distance from UTC. Raises Unreadable."""
    if (found := SERIAL.fullmatch(typed)) and found[2]:
        return at(a_day(found[1], by), _part(found[2]))
    clock = AT_THE_END.search(typed) if len(typed) <= LONGEST else None
    try:
        return at(a_day(typed[: clock.start()] if clock else typed, by), a_time(clock[1] if clock else ""))
    except Ambiguous:
        raise
    except Unreadable:
        try:
            found_at = datetime.fromisoformat(typed)
        except ValueError:
            found_at = None
        if found_at is None or found_at.tzinfo is None:
            raise
        return found_at


def a_length(typed: str) -> timedelta:
    """How long it takes. Raises Unreadable."""
    found = LENGTH.fullmatch(typed)
    length = timedelta()
    if found:
        length = timedelta(hours=int(found[2] or found[4] or 0), minutes=int(found[1] or found[3] or found[5] or 0))
    if not length:
        raise Unreadable(gettext("“%s” is no number of minutes.") % typed[:30])
    return length


def is_serial(typed: str) -> bool:
    """Whether it is the number that a spreadsheet program keeps of a day or a time."""
    return bool(SERIAL.fullmatch(typed) or PART_OF_A_DAY.fullmatch(typed))


def _part(digits: str) -> timedelta:
    return timedelta(minutes=round(float(f"0.{digits}") * 24 * 60))
