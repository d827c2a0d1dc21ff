"""DATABASE_URL, read into Django's DATABASES["default"]."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

EXAMPLE = "postgresql://user:password@host:5432/name"
# Several hosts are divided by commas, and stand for the members of one cluster.
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^@:/,\[\]]*)(?::(\d{1,5}))?")


def read(url: str, variable: str = "DATABASE_URL") -> dict[str, Any]:
    """
    Turn `postgresql://user:password@host:5432/name` into Django's settings of a database.

    User and password are percent-encoded. Of several hosts, divided by commas, the primary is meant.
    Raises ImproperlyConfigured for another scheme, without a name, for a port that is none, and for a sign in the
    password that ends it too early. Its words name the variable and show no part of the URL, which holds the password.
    """
    unescaped = f"{variable} must look like {_UNESCAPED}"
    try:
        parts = urlsplit(url)
    except ValueError:  # A bracket in the password, most likely.
        raise ImproperlyConfigured(unescaped) from None
    if parts.scheme not in ("postgresql", "postgres"):
        raise ImproperlyConfigured(f"{variable} must look like {EXAMPLE}: the site works with Postgres alone")
    user, _, hosts = parts.netloc.rpartition("@")
    members = [_HOST.fullmatch(each) for each in hosts.split(",")]
    if "@" in user or "@" in parts.path or parts.fragment or None in members:
        raise ImproperlyConfigured(unescaped)
    if not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{variable} names no database: it must look like {EXAMPLE}")
    if any(member and int(member[2] or 1) not in range(1, 65536) for member in members):
        raise ImproperlyConfigured(f"{variable} names a port that is none: they go from 1 to 65535")
    found = environ.Env.db_url_config(url) | {"ENGINE": "clinic.postgres"}
    return found | (_cluster(members, found.get("OPTIONS", {})) if len(members) > 1 else {})


def _cluster(members: Sequence[re.Match[str] | None], given: Mapping[str, str]) -> dict[str, Any]:
    """Hosts and ports as libpq wants them: as many ports as hosts, and a word that passes over the standbys."""
    pairs = [member.groups() for member in members if member]
    return {
        "HOST": ",".join(unquote(host).strip("[]") for host, _port in pairs),
        "PORT": ",".join(port or "5432" for _host, port in pairs),
        # Not "read-write": the role of the backup only reads, also from the primary.
        "OPTIONS": {"target_session_attrs": "primary"} | dict(given),
    }


_UNESCAPED = (
    f"{EXAMPLE}. In user and password, @ is written %40, / is %2F, # is %23, ? is %3F, : is %3A, [ is %5B and % is %25"
)
