"""
What is wrong with the site, in sentences: `manage.py doctor`, /readyz, the heartbeat, and pages of staff ask here.

The functions stand in the modules that settings.DOCTOR names, each app's beside what it knows. A module has up to three
tuples of them: FIRST_PAGE (what staff have to hear, with a statement each), QUICK (all of the rest that should wake
somebody, in less than a second), and SLOW. Each takes the moment and returns findings.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from enum import Enum
from importlib import import_module

from django.conf import settings
from django.db import Error as DatabaseProblem
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import UndefinedTable

from clinic.models import Clinic
from clinic.operations.doctor import database, site
from clinic.operations.doctor.findings import Finding, Severity, error

logger = logging.getLogger(__name__)

type Function = Callable[[datetime], Iterable[Finding]]


class Part(Enum):
    """How much is looked at: each part holds the one before it."""

    FIRST_PAGE = ("FIRST_PAGE",)
    QUICK = ("FIRST_PAGE", "QUICK")
    WHOLE = ("FIRST_PAGE", "QUICK", "SLOW")


def functions(part: Part) -> Iterator[Function]:
    """Those of a part, in the order of settings.DOCTOR."""
    for name in settings.DOCTOR:
        module = import_module(name)
        for tuple_name in part.value:
            yield from getattr(module, tuple_name, ())


def look(part: Part, now: datetime | None = None) -> list[Finding]:
    """What is wrong, the worst first; times in the sentences are the clinic's."""
    now, asked = now or timezone.now(), functions(part)
    try:
        connection.ensure_connection()
        zone: tzinfo = Clinic.current().zone
    except ProgrammingError as problem:
        zone = UTC
        if isinstance(problem.__cause__, UndefinedTable):  # Nearly all functions ask tables that are not there.
            asked = iter([site.checks_before_the_first_migration, database.unapplied_migrations])
        # A column that is not there, most likely: a function says which migrations are not.
    except (OperationalError, InterfaceError):
        return [_no_answer()]
    found: list[Finding] = []
    with timezone.override(zone):
        for function in asked:
            try:
                found += _named(function, now)
            except (OperationalError, InterfaceError):
                if not _is_there():
                    return [_no_answer()]
                found.append(_did_not_look(function))
            except Exception:  # Whatever is broken in one, the others still say what they find.
                logger.exception("The doctor could not look: %s", function.__name__)
                found.append(_did_not_look(function))
    return sorted(found, key=lambda finding: -finding.severity)


def errors(part: Part) -> list[Finding]:
    """Those findings that somebody should hear of at once."""
    return [finding for finding in look(part) if finding.severity is Severity.ERROR]


def _named(function: Function, now: datetime) -> list[Finding]:
    return [each if each.name else each._replace(name=function.__name__) for each in function(now)]


def _is_there() -> bool:
    try:
        connection.close_if_unusable_or_obsolete()
        connection.ensure_connection()
        return connection.is_usable()
    except DatabaseProblem:
        return False


def _no_answer() -> Finding:
    words = _("The database does not answer.")
    return error(words, _("Look whether Postgres runs, and whether DATABASE_URL is right."))._replace(name="database")


def _did_not_look(function: Function) -> Finding:
    words = _("The doctor could not look at this: %(name)s.") % {"name": function.__name__.replace("_", " ")}
    return error(words, _("The site’s log says why."))._replace(name=function.__name__)
