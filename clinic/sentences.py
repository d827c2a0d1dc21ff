"""Sentences that are put together from parts: their full stop, and what a browser leaves untranslated in them."""

import re
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import avoid_wrapping, format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from clinic.typed_text import isolated

_CODE = re.compile(r"[0-9A-Z()+.\- ]{1,20}")
_WITHIN = re.compile(
    r"(\d(?= [ap]\.m\.)|\b(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"(?= \d)) "
)

# In minutes, the largest first; the words are those that Django has in all its languages.
_UNITS = (
    (7 * 24 * 60, "%(num)d week", "%(num)d weeks"),
    (24 * 60, "%(num)d day", "%(num)d days"),
    (60, "%(num)d hour", "%(num)d hours"),
    (1, "%(num)d minute", "%(num)d minutes"),
)
_LEAST_MONTH = 28 * 24 * 60
_MONTHS, _YEARS = ("%(num)d month", "%(num)d months"), ("%(num)d year", "%(num)d years")


def moment(at: datetime) -> str:
    """A moment in the time zone that is active, with its weekday: "Mon, Nov. 30, 9 a.m."."""
    return date_format(timezone.localtime(at), "D, N j, P")


def how_long(since: datetime, until: datetime) -> str:
    """As Django's timesince says it in one unit, "2 hours", in a quarter of its time: a list asks it fifty times."""
    minutes = max(0, (until - since) // timedelta(minutes=1))
    months = _months(since, until) if minutes >= _LEAST_MONTH else 0
    size, one, many = next(unit for unit in _UNITS if minutes >= unit[0] or unit[0] == 1)
    number = minutes // size
    if months:
        number, (one, many) = (months // 12, _YEARS) if months >= 12 else (months, _MONTHS)
    return avoid_wrapping(ngettext(one, many, number) % {"num": number})


def _months(since: datetime, until: datetime) -> int:
    """Whole months of the calendar."""
    until = until.astimezone(since.tzinfo)
    months = (until.year - since.year) * 12 + until.month - since.month
    return months - ((since.day, since.time()) > (until.day, until.time()))


def ended(words: str) -> str:
    """
    The words with one full stop at their end, also after "9:30 a.m.", "John Roe, M.D." or a sentence that is quoted.

    What is HTML stays it.
    """
    if not words or words.rstrip("”").endswith((".", "!", "?", "…")):
        return words
    return format_html("{}.", words) if hasattr(words, "__html__") else f"{words}."


def untranslated(words: str) -> SafeString | str:
    """
    A name, a number or a reference as HTML that translating browsers leave as it is; nothing stays nothing.

    A number or a reference stays on one line, too (class "nb"): it is read out or dialed as one. A name may be long.
    """
    if not words:
        return ""
    if _CODE.fullmatch(str(words)):
        return format_html('<span class="nb" translate="no">{}</span>', words)
    return format_html('<span translate="no">{}</span>', isolated(words))


def unbroken(words: str) -> str:
    """The words with no-break spaces where a line must not end: within "8:30 a.m." and "November 30"."""
    return _WITHIN.sub("\\1\N{NO-BREAK SPACE}", str(words))
