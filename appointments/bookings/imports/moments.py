"""When the times of a calendar file are: by the zone that each of them names, by its calendar's, or by the clinic's."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from appointments.bookings.imports import zones
from appointments.bookings.imports.rows import Unreadable, a_moment


class File(NamedTuple):
    """What the events of one calendar have in common: the zone of times without one, the file's own rules of zones."""

    zone: ZoneInfo
    rules: Mapping[str, tzinfo]
    calendar: Mapping[bytes, bytes]


def local(found: datetime, params: Mapping[str, Any], file: File) -> datetime:
    """A time of an event, aware, in the zone that it names. Raises Unreadable where nobody knows that."""
    if not (name := str(params.get("X-ZONE", ""))) or found.tzinfo:
        return found if found.tzinfo else found.replace(tzinfo=_of_calendar(file))
    zone = zones.named(name, file.rules, file.zone)
    if zone is None:
        raise Unreadable(
            gettext("Its time zone “%s” is not known, and the file does not describe it: enter it by hand.") % name[:60]
        )
    return found.replace(tzinfo=zone)


def moment(value: Any, file: File) -> datetime:
    """The same in UTC, if it is one that clocks show. Raises Unreadable."""
    return a_moment(local(value.dt, value.params, file), file.zone)


def listed(event: Any, name: str, file: File) -> Iterator[date | datetime]:
    """The days and the moments of EXDATE or RDATE, whatever number of lines and values; of a period, its beginning."""
    found: Any = event.get(name, [])
    for line in found if isinstance(found, list) else [found]:
        for each in line.dts:
            said = each.dt[0] if isinstance(each.dt, tuple) else each.dt
            yield local(said, line.params, file).astimezone(UTC) if isinstance(said, datetime) else said


def _of_calendar(file: File) -> tzinfo:
    """The zone in which a calendar says that its times are, as Google and Apple write it, or else the clinic's."""
    said = file.calendar.get(b"X-WR-TIMEZONE", b"").partition(b":")[2].decode(errors="replace").strip()
    return (said and zones.named(said, file.rules, file.zone)) or file.zone
