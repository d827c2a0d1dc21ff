"""The time zones that calendar files name: as IANA, Windows or Outlook call them, or by rules of their own."""

import re
from collections.abc import Mapping
from datetime import UTC, timedelta, timezone, tzinfo
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
    "coordinated universal": "UTC", "utc": "UTC", "gmt": "UTC",
}  # fmt: skip
DISTANCE = re.compile(r"\(?(?:UTC|GMT)\s*(?:([+-])(\d{1,2}):?(\d\d)?)?\)?", re.IGNORECASE)


def named(name: str, rules: Mapping[str, tzinfo], clinic: ZoneInfo) -> tzinfo | None:
    """The zone of this name: IANA's, or as the file's own `rules` say, or Windows'; None where nobody knows it."""
    name = name.strip().strip('"').strip()
    parts = name.split("/")
    # Some programs write their own address before the name.
    for start in range(len(parts)):
        if zone := _iana("/".join(parts[start:])):
            return zone
    if found := rules.get(name) or _iana(WINDOWS_TO_OLSON.get(name, "")):
        return found
    return _shown(name)


def rules(blocks: list[bytes]) -> dict[str, tzinfo]:
    """What a file says of its time zones itself, by their names."""
    found: dict[str, tzinfo] = {}
    for block in blocks:
        try:
            zone: Any = Timezone.from_ical(block.decode())
            found[str(zone["TZID"]).strip()] = zone.to_tz(lookup_tzid=False)
        except Exception:  # noqa: S112  (the library meets broken rules with errors of many kinds: they name no zone)
            continue
    return found


def _iana(name: str) -> tzinfo | None:
    return ZoneInfo(name) if name in _all() else None


def _shown(name: str) -> tzinfo | None:
    """A zone by the words in which Outlook shows it: "(UTC+01:00) Amsterdam, Berlin, Bern, Rome"."""
    at = DISTANCE.match(name)
    words = name[at.end() :] if at else name
    words = re.sub(r"\([^)]*\)|\b(?:standard |daylight )?time\b", "", words, flags=re.IGNORECASE).strip(" ,")
    for place in words.split(","):
        key = place.strip().lower()
        if zone := _iana(SHOWN.get(key) or _cities().get(key.replace(" ", "_"), "")):
            return zone
    if at is None or words:
        return None
    if not at[1]:
        return UTC
    length = timedelta(hours=int(at[2]), minutes=int(at[3] or 0))
    return timezone(-length if at[1] == "-" else length) if length < timedelta(days=1) else None


@cache
def _all() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _cities() -> dict[str, str]:
    return {name.rpartition("/")[2].lower(): name for name in sorted(_all()) if "/" in name and "Etc/" not in name}
