"""The addresses of the agenda: a day, and what a page of it is asked for. No address has a name or a number."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from clinic import timeline


class DayConverter:
    """A day in an address, like 2026-11-26; any other words are no address of ours."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return day_in(value)

    def to_url(self, value: date | str) -> str:
        return str(value)  # A template has it in the same words.


def day_in(words: str) -> date:
    """The day that the words name, a year away from the ends of what can be stored. Raises ValueError."""
    day = date.fromisoformat(words)
    if not timeline.EARLIEST.year < day.year < timeline.LATEST.year - 1:
        raise ValueError("nobody has a visit then")
    return day


def address(page: str, day: date, **asked: Any) -> str:
    """The address of the "day" or "week" page around a day; what is None or empty is not asked for."""
    kept = {name: value for name, value in asked.items() if value}
    return reverse(f"admin:agenda_{page}", args=[day]) + (f"?{urlencode(kept)}" if kept else "")


def asked_id(request: HttpRequest, name: str) -> int:
    """The id that the address asks for under this name; 0 where it asks for none, or what it has there is no id."""
    words = request.GET.get(name, "")
    return int(words) if words.isdecimal() and len(words) < 18 else 0
