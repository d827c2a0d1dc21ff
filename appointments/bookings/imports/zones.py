"""The time zones that calendar files name: as IANA, Windows or Outlook call them, or by rules of their own."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

# As Outlook shows the zones that are not named after cities, without "Time (US & Canada)" and the like.
SHOWN = {
    "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver",
    "pacific": "America/Los_Angeles", "alaska": "America/Anchorage", "hawaii": "Pacific/Honolulu",
    "arizona": "America/Phoenix", "indiana": "America/Indiana/Indianapolis", "atlantic": "America/Halifax",
    "newfoundland": "America/St_Johns", "saskatchewan": "America/Regina", "yukon": "America/Whitehorse",
    "aleutian islands": "America/Adak", "baja california": "America/Tijuana", "central america": "America/Guatemala",
    "coordinated universal": "UTC", "utc": "UTC", "gmt": "UTC", "mexico": "America/Mexico_City",
}  # fmt: skip
# In these words, the same names are other zones.
IN_MEXICO = {
    "eastern": "America/Cancun", "central": "America/Mexico_City", "mountain": "America/Mazatlan",
    "pacific": "America/Tijuana",
}  # fmt: skip
NO_OTHER = frozenset(["", "us & canada", "us and canada", "u.s. and canada", "canada", "us", "usa", "east"])
# What people call them for short. Where the clinic's own zone is called so, it is meant: MST has no summer in Phoenix.
SHORT = {
    short: zone
    for zone, names in {
        "America/New_York": "est edt et", "America/Chicago": "cst cdt ct", "America/Denver": "mst mdt mt",
        "America/Los_Angeles": "pst pdt pt", "America/Anchorage": "akst akdt", "Pacific/Honolulu": "hst",
    }.items()
    for short in names.split()
}  # fmt: skip
WINDOWS = {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}
# Rules of other kinds could be counted for ever, and so many of them for long.
YEARLY = re.compile(
    rb"^RRULE:(?=[^\r\n]*FREQ=YEARLY)(?:(?:(?:FREQ|INTERVAL|COUNT|UNTIL|BYMONTH|BYDAY|WKST)=[^;,\r\n]{0,60}|BYMONTHDAY=[\d,-]{1,30});?)+\r?$",
    re.IGNORECASE | re.MULTILINE,
)
MOST_ZONES, MOST_RULES, MOST_CHANGES = 200, 6, 400
BRACKETS = re.compile(r"\(([^()]*)\)")
DISTANCE = re.compile(
    r"\(?(?:(?:UTC|GMT)\s*(?:([+-])(\d{1,2})(?:[:.]?(\d\d))?)?|([+-])(\d\d):?(\d\d)(?!\d))\)?", re.IGNORECASE
)
# Outlook counts copies of a zone that it has already.
COPY = re.compile(r" \(?\d\)?$")
# In brackets behind a place these say what its clocks show now, without its summer.
OF_NOW = frozenset(["gmt", "utc", "wet", "cet", "cest", "met", "eet", "bst", *SHORT])


def named(name: str, rules: Mapping[str, tzinfo], clinic: ZoneInfo) -> tzinfo | None:
    """The zone of this name: IANA's, or as the file's own `rules` say, or Windows'; None where nobody knows it."""
    name = _plain(name)
    key = name.casefold()
    parts = name.split("/")
    # Some programs write their own address before the name.
    for start in range(len(parts)):
        if key not in SHORT and (zone := _iana("/".join(parts[start:]))):
            return zone
    if found := rules.get(key):
        return found
    if key and key in (_called(clinic, month) for month in (1, 7)):
        return clinic
    # As POSIX writes it: "EST5EDT,M3.2.0,M11.1.0".
    found = _iana(SHORT.get(key, "")) or _iana(WINDOWS.get(key, "")) or _iana(name.partition(",")[0]) or _shown(name)
    is_copy = len(name) < 100 and COPY.search(name)
    return found or (named(COPY.sub("", name), rules, clinic) if is_copy else None)


def rules(blocks: list[bytes]) -> dict[str, tzinfo]:
    """What a file says of its time zones itself, by their names."""
    found: dict[str, tzinfo] = {}
    for block in blocks[:MOST_ZONES]:
        written, changes = block.upper().count(b"\nRRULE"), block.upper().count(b"\nBEGIN:")
        if written > MOST_RULES or changes > MOST_CHANGES or len(YEARLY.findall(block)) != written:
            continue
        try:
            zone: Any = Timezone.from_ical(block.decode())
            found[_plain(str(zone["TZID"])).casefold()] = zone.to_tz(lookup_tzid=False)
        except Exception:  # noqa: S112  (the library meets broken rules with errors of many kinds: they name no zone)
            continue
    return found


def _plain(name: str) -> str:
    return " ".join(name.replace('"', " ").replace("\u2212", "-").split())


def _called(zone: ZoneInfo, month: int) -> str:
    return (datetime(2026, month, 15, tzinfo=zone).tzname() or "").casefold()


def _iana(name: str) -> tzinfo | None:
    found = _all().get(name.replace(". ", "_").replace(" ", "_").casefold())
    return ZoneInfo(found) if found else None


def _shown(name: str) -> tzinfo | None:
    """A zone by the words in which Outlook or Google shows it: "(UTC+01:00) Amsterdam, Berlin, Bern, Rome"."""
    at = DISTANCE.match(name)
    words = name[at.end() :] if at else name
    sign, hours, minutes = (at[1] or at[4], at[2] or at[5], at[3] or at[6]) if at else (None, None, None)
    length = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    for place in _places(words):
        found = _iana(place) or _iana(_cities().get(place.replace(" ", "_"), ""))
        if found and (not sign or _is_at(found, length)):
            return found
    if at is None or words.strip(" ,-"):
        return None
    return (timezone(length) if abs(length) < timedelta(days=1) else None) if sign else UTC


def _places(words: str) -> Iterator[str]:
    """What may name the zone in these words: "Central Time - Regina" is Regina's, and not what is called Central."""
    inside = " ".join(BRACKETS.findall(words)).casefold().strip()
    inside = "" if inside in OF_NOW and BRACKETS.sub("", words).strip() else inside
    words = re.sub(r"\b(?:standard |daylight )?time\b", "", BRACKETS.sub("", words), flags=re.IGNORECASE)
    parts = [part.strip(" ,").casefold() for part in re.split(r" - |[,;]", words)]
    yield inside
    for part in reversed(parts) if " - " in words else parts:
        if inside == "mexico":
            yield IN_MEXICO.get(part, "")
        elif inside in NO_OTHER:
            yield SHOWN.get(part, part)


def _is_at(zone: tzinfo, length: timedelta) -> bool:
    return any(datetime(2026, month, 15, tzinfo=zone).utcoffset() == length for month in (1, 7))


@cache
def _all() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() - {"localtime", "Factory"}}


@cache
def _cities() -> dict[str, str]:
    return {
        name.rpartition("/")[2].lower(): name for name in sorted(_all().values()) if "/" in name and "Etc/" not in name
    }
