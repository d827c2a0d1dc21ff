"""What repeats in a calendar, and how many of its times lie ahead, where that is counted without a doubt."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from appointments.bookings.imports.moments import File, listed, local
from appointments.bookings.imports.rows import Unreadable

AHEAD = timedelta(days=365)
# Counted one by one, from the first.
MOST = 1000
COUNTED = frozenset(["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"])
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def check_that_it_happens_once(event: Any, file: File) -> None:
    """Raise Unreadable, with how many of its times lie ahead, where the event repeats."""
    ranged: Any = event.get("RECURRENCE-ID")
    if ranged is not None and "RANGE" in getattr(ranged, "params", {}):
        raise _repeats(None)
    if "RRULE" in event or "RDATE" in event:
        try:
            start, first = _start(event, file)
            days = _of_rule(event, file, start, first)
            others = {_day(each, start) for each in listed(event, "RDATE", file)}
            left_out = {_day(each, start) for each in listed(event, "EXDATE", file)}
        except (TypeError, ValueError, AttributeError, OverflowError):  # A rule that says nothing.
            raise _repeats(None) from None
        if days is None:
            raise _repeats(None)
        if "RDATE" not in event and len(list(islice(days, 2))) == 1:
            return
        if "RRULE" not in event and others - left_out <= {first}:
            return
        today = _day(timezone.now(), start)
        if isinstance(start, datetime) and start.timetz() < timezone.now().astimezone(start.tzinfo).timetz():
            today += 1
        last = today + AHEAD.days
        ahead = {day for day in _until(_of_rule(event, file, start, first, today), last) if day >= today}
        ahead |= {day for day in others if today <= day <= last}
        raise _repeats(len(ahead - left_out))


def leaves_itself_out(event: Any, file: File) -> bool:
    """Whether the only day of an event is among those that it leaves out."""
    if "RRULE" in event or "RDATE" in event or "DTSTART" not in event or "EXDATE" not in event:
        return False
    start, first = _start(event, file)
    begins = start.astimezone(UTC) if isinstance(start, datetime) else start
    return any(each == begins if isinstance(each, datetime) else each.toordinal() == first
               for each in listed(event, "EXDATE", file))  # fmt: skip


def _repeats(ahead: int | None) -> Unreadable:
    what = gettext("enter its times by hand or, where it is no visit, as busy time every week.")
    if ahead is None:
        return Unreadable(gettext("It repeats: %s") % what)
    if not ahead:
        return Unreadable(gettext("It repeats, and no time of it lies ahead."))
    said = ngettext(
        "It repeats, and %(n)d time of it lies ahead within a year: %(what)s",
        "It repeats, and %(n)d times of it lie ahead within a year: %(what)s",
        ahead,
    )
    return Unreadable(said % {"n": ahead, "what": what})


def _start(event: Any, file: File) -> tuple[date | datetime, int]:
    value = event["DTSTART"]
    start = local(value.dt, value.params, file) if isinstance(value.dt, datetime) else value.dt
    return start, start.toordinal()


def _day(moment: date | datetime, start: date | datetime) -> int:
    """The day of a moment, by the clocks of the event that begins at `start`."""
    if isinstance(moment, datetime):
        zone = start.tzinfo if isinstance(start, datetime) else UTC
        return moment.astimezone(zone).toordinal()
    return moment.toordinal()


def _until(days: Iterator[int] | None, last: int) -> Iterator[int]:
    for day in days or ():
        if day > last:
            return
        yield day


def _of_rule(event: Any, file: File, start: date | datetime, first: int, today: int = 0) -> Iterator[int] | None:
    """The days by its rule, in their order, some of those before `today` left away; None where it is not counted."""
    rule: Any = event.get("RRULE")
    if rule is None:
        return iter([first])
    if isinstance(rule, list) or rule.get("FREQ") not in (["DAILY"], ["WEEKLY"]):
        return iter([first]) if not isinstance(rule, list) and rule.get("COUNT") == [1] else None
    times, step = int(rule.get("COUNT", [0])[0]), int(rule.get("INTERVAL", [1])[0])
    named = {str(day).upper() for day in rule.get("BYDAY", [])}
    if times == 1:
        return iter([first])
    if not set(rule) <= COUNTED or times > MOST or step < 1 or not named <= set(DAYS):
        return None
    is_weekly = rule["FREQ"] == ["WEEKLY"]
    weekdays = {DAYS.index(day) for day in named} or ({(first - 1) % 7} if is_weekly else set(range(7)))
    last = _last(rule, file, start)
    begins = (first - 1 - DAYS.index(str(rule.get("WKST", ["MO"])[0]).upper())) % 7 if is_weekly else 0
    length = step * 7 if is_weekly else step
    skipped = 0 if times else max(0, (today - first) // length - 1)
    found = (
        day
        for part in count(first - begins + skipped * length, length)
        for day in range(part, part + (7 if is_weekly else 1))
        # A step after the last ends it.
        if day > last or (day >= first and (day - 1) % 7 in weekdays)
    )
    until = _until(found, last)
    return islice(until, times) if times else until


def _last(rule: Any, file: File, start: date | datetime) -> int:
    """The last day that its rule may reach, said as a day or as a moment."""
    said: Any = rule.get("UNTIL", [None])[0]
    if said is None:
        # Not for ever: a rule may name a day that never comes.
        return max(timezone.now().toordinal(), start.toordinal()) + 2 * AHEAD.days
    if not isinstance(said, datetime) or not isinstance(start, datetime):
        return int(said.toordinal())
    until = (said if said.tzinfo else said.replace(tzinfo=start.tzinfo)).astimezone(start.tzinfo)
    return until.toordinal() - (until.time() < start.time())
