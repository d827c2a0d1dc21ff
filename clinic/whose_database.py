"""
Whose database this is: a worker with production's DATABASE_URL in a developer's clone takes production's mails.

The database remembers the site that it belongs to, and what comes as another refuses to start. A site on the internet
is its host, so that a second machine and another port are the same site; a site for this machine alone is its clone,
which keeps a random name in .local/.
"""

import os
import secrets
from contextlib import suppress
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from clinic.models import SiteIdentity

FILE = "site_id"


class AnotherSites(Exception):
    """The database belongs to another site; the words say to which, and what to do."""


class Found(Enum):
    OURS, UNCLAIMED = "ours", "unclaimed"


def our_name() -> str:
    """What this site is called in its database."""
    if not settings.IS_LOCAL:
        return f"site {urlsplit(settings.SITE_URL).hostname}"
    return f"clone {_kept(settings.LOCAL_DIR / FILE)}"


def _kept(path: Path) -> str:
    """The random name of this clone, which is made once: of two that make it at once, the first counts."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f"{path.name}-{os.getpid()}")
        fresh.write_text(secrets.token_hex(8))
        with suppress(FileExistsError):  # Whole at once: nobody reads half a name.
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip()


def look(*, claim: bool = False) -> Found:
    """
    Whether the database is ours, or nobody's yet. Raises AnotherSites, and what the database raises when it is away.

    A database of an earlier version does not say whose it is. It may be that of the site on the internet that comes; a
    clone has to say that it means to `claim` it, unless nobody has an account in it, or it is its private one.
    """
    if settings.ANY_DATABASE:
        return Found.OURS
    named = owner()
    if named == our_name():
        return Found.OURS
    if named:
        raise AnotherSites(
            f"This database belongs to another site ({named}, and this is {our_name()}): its mails would go out from "
            "here, and its patients would be shown here. If it is to be this site's from now on: manage.py adopt"
        )
    if settings.IS_LOCAL and not claim and not _is_private() and _has_accounts():
        raise AnotherSites(
            "This database has accounts in it, and does not say whose it is: it may be a site's that patients use. If "
            "it is this clone's: manage.py migrate --claim"
        )
    return Found.UNCLAIMED


def refuse_all_but_ours() -> None:
    """For what invents people: raise AnotherSites also where the database is nobody's."""
    if look() is not Found.OURS:
        raise AnotherSites("This database does not say that it is this clone's: manage.py migrate --claim")


def claim() -> str:
    """Let the database be this site's from now on, whoever it belonged to; return who that was."""
    before = owner()
    SiteIdentity.objects.update_or_create(pk=1, defaults={"name": our_name()})
    return before


def can_be_claimed() -> bool:
    """Whether the table is there: not before the migrations are applied, or after they were taken back."""
    return _is_there(SiteIdentity._meta.db_table)


def owner() -> str:
    """What the database says whose it is, or nothing; in words that also an older database understands."""
    if not can_be_claimed():
        return ""
    return SiteIdentity.objects.values_list("name", flat=True).first() or ""


def _is_private() -> bool:
    return settings.DATABASES["default"]["ENGINE"] == "clinic.local.postgres"


def _has_accounts() -> bool:
    if not _is_there("auth_user"):
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM auth_user)")
        return cursor.fetchone()[0]


def _is_there(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        return cursor.fetchone()[0]
