"""The practice as every page shows it, and as this process last knew it when the database is away."""

import json
import time
from dataclasses import dataclass, field, replace
from datetime import time as clock
from functools import lru_cache

from django.db import Error as DatabaseProblem
from django.db import connection
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinic import busy, hours
from clinic.models import Clinic, LanguageLine, Notice, SocialLink, Weekday


@dataclass(frozen=True)
class Practice:
    """What every page shows. Two that were read with the same words are equal: pages draw these once."""

    clinic: Clinic = field(compare=False)
    week: list[hours.Opening] = field(default_factory=list, compare=False)
    social_links: list[SocialLink] = field(default_factory=list, compare=False)
    language_lines: list[LanguageLine] = field(default_factory=list, compare=False)
    notices: list[Notice] = field(default_factory=list, compare=False)
    announcement: str = field(default="", compare=False)
    # All that the database said, as one text; empty where it never answered.
    read_as: str = ""

    @property
    def answers_by(self) -> str:
        """By when the clinic answers what comes by the form, as clinic.hours.end_of_next_opening_day promises it."""
        return _("by the end of the next business day")

    @property
    def hours_lines(self) -> tuple[tuple[str, str], ...]:
        """The opening hours for reading, as (days, times)."""
        return _hours_lines(tuple(self.week), get_language())


# Error pages believe what was read this many seconds ago.
FRESH_FOR = 10

_last_known: Practice | None = None
_asked_at = float("-inf")


def current() -> Practice:
    """
    The practice from the database (one query for each request), or as last known while the database does not answer.

    A process that never reached the database knows no phone number, and shows none rather than a wrong one:
    gunicorn_conf.py asks once when a worker starts.
    """
    return Clinic.once("practice", _ask)


def _ask() -> Practice:
    global _last_known, _asked_at
    _asked_at = time.monotonic()
    try:
        read = _last_known = _read()
    except DatabaseProblem as error:
        # Nothing wider: where a column is missing, a page without a phone number would be shown, and kept by caches.
        if not busy.is_refusal(error):
            raise
        return _as_last_known()  # That the database is away is said once, by clinic.postgres.outage.
    kept = Clinic.keep(read.clinic)
    if kept is read.clinic:
        return read
    # This request read the clinic before. What is drawn of it then is not what the database says now.
    was, now_is = ([getattr(each, field.attname) for field in _FIELDS] for each in (kept, read.clinic))
    return replace(read, clinic=kept, read_as=read.read_as if was == now_is else f"{read.read_as} {was}")


def _as_last_known() -> Practice:
    unknown = dict.fromkeys(("phone", "after_hours_phone", "street", "city", "state", "postal_code"), "")
    return _last_known or Practice(Clinic(name=_("The clinic"), **unknown))


def last_known() -> Practice:
    """The practice without asking for it, where this process has ever known it: the database has just refused."""
    return _last_known or current()


# Every page needs it: one statement, and as itself, since making it of querysets costs four times its run. All of it is
# one text: it is the same until somebody changes something, and what was made of it then stays.
_FIELDS = Clinic._meta.concrete_fields
_PRACTICE = f"""
    SELECT json_build_array(
        json_build_array({", ".join(f"clinic.{each.column}" for each in _FIELDS)}),
        ARRAY(SELECT json_build_array(weekday, opens, closes) FROM clinic_openinghours
            WHERE clinic_id = clinic.id ORDER BY weekday, opens),
        ARRAY(SELECT json_build_array(name, url) FROM clinic_sociallink
            WHERE clinic_id = clinic.id AND url <> '' ORDER BY name),
        ARRAY(SELECT json_build_array(language, words, emergency_words) FROM clinic_languageline
            WHERE clinic_id = clinic.id AND translator <> '' ORDER BY id),
        ARRAY(SELECT slug FROM clinic_notice WHERE body <> '' ORDER BY id),
        (SELECT words FROM clinic_announcement WHERE starts_at <= %(now)s AND ends_at > %(now)s
            ORDER BY starts_at DESC, id DESC LIMIT 1)
        )::text
    FROM (SELECT 1) AS one LEFT JOIN clinic_clinic AS clinic ON clinic.id = 1
"""  # noqa: S608  (Names of ours.)


def _read() -> Practice:
    with connection.cursor() as cursor:
        cursor.execute(_PRACTICE, {"now": timezone.now()})
        (read_as,) = cursor.fetchone()
    if (last := _last_known) and last.read_as == read_as:
        return last
    values, week, links, lines, notices, announcement = json.loads(read_as)
    clinic = Clinic.from_db(connection.alias, [each.attname for each in _FIELDS], values)
    return Practice(
        clinic if clinic.pk else Clinic(pk=1),
        [hours.Opening(day, clock.fromisoformat(opens), clock.fromisoformat(closes)) for day, opens, closes in week],
        [SocialLink(name=name, url=url) for name, url in links],
        [
            LanguageLine(language=language, words=words, emergency_words=emergency)
            for language, words, emergency in lines
        ],
        [Notice(slug=slug) for slug in notices],
        announcement or "",
        read_as,
    )


def known() -> Practice:
    """
    The practice as this process last knew it, asking for it at most every ten seconds: for error pages.

    The database may be what failed: asking it again would make the visitor wait twice. A scan of thousands of
    addresses that do not exist should not reach it either.
    """
    if _last_known and time.monotonic() - _asked_at < FRESH_FOR:
        return _last_known
    try:
        return current()
    except DatabaseProblem:  # No cache keeps an error page: it may know too little.
        return _as_last_known()


# Every page shows them, some twice; they are the same until somebody enters other hours.
@lru_cache(maxsize=16)
def _hours_lines(week: tuple[hours.Opening, ...], language: str | None) -> tuple[tuple[str, str], ...]:
    return tuple(
        (_days(first, last), _(" and ").join(_opening(*opening) for opening in openings))
        for first, last, openings in hours.grouped(week)
    )


def _days(first: int, last: int) -> str:
    if first == last:
        return str(Weekday(first).label)
    return str(format_lazy(_("{first} to {last}"), first=Weekday(first).label, last=Weekday(last).label))


def _opening(opens: clock, closes: clock) -> str:
    return _("%(opens)s to %(closes)s") % {"opens": time_format(opens, "P"), "closes": time_format(closes, "P")}
