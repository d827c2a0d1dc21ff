"""Is the database as this code needs it: its tables, its clock, its limits."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic import database_limits, schema
from clinic.operations.doctor.findings import Finding, error, warning

# Mails and reminders are due by the clocks of those who write and send them.
CLOCK_MAY_BE_OFF = timedelta(seconds=60)


def unapplied_migrations(now: datetime) -> Iterator[Finding]:
    if unapplied := len(schema.unapplied()):
        words = ngettext("%d migration is not applied.", "%d migrations are not applied.", unapplied)
        yield error(words % unapplied, _("Run as the owner of the tables: manage.py migrate"))


def this_clock(now: datetime) -> Iterator[Finding]:
    """This machine's clock beside the database's, each asked at this moment."""
    ahead = clock_is_ahead()
    if abs(ahead) > CLOCK_MAY_BE_OFF:
        yield error(
            off(_("this machine"), ahead), _("Set both clocks right: let chrony or systemd-timesyncd keep them.")
        )


def clock_is_ahead() -> timedelta:
    """How far this machine's clock is ahead of the database's; negative where it is behind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return timezone.now() - cursor.fetchone()[0]


def off(whose: str, ahead: timedelta) -> str:
    """A sentence about a clock that is so far ahead of the database's; negative where it is behind."""
    values = {"whose": whose, "minutes": round(abs(ahead) / timedelta(minutes=1))}
    if ahead > timedelta(0):
        return _("The clock of %(whose)s is %(minutes)d minutes ahead of the database’s.") % values
    return _("The clock of %(whose)s is %(minutes)d minutes behind the database’s.") % values


def timeouts_unset(now: datetime) -> Iterator[Finding]:
    """A pooler that drops the options of a connection drops its limits: then one locked row stops all threads."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) AS name WHERE current_setting(name) = '0'",
            [list(database_limits.WEB)],
        )
        unset = [name for (name,) in cursor]
    if unset:
        yield warning(
            _("Connections to the database wait for ever: %(names)s.") % {"names": ", ".join(unset)},
            _("Take them out of DATABASE_URL, or let the pooler in front pass `options` on: README.md."),
        )


# The worker says each minute how far its own clock is off.
QUICK = (unapplied_migrations,)
SLOW = (this_clock, timeouts_unset)
