"""DATABASE_URL, read into Django's DATABASES["default"]."""

import re
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

EXAMPLE = "postgresql://user:password@host:5432/name"
# Several hosts are divided by commas, and stand for the members of one cluster.
_HOST = r"(\[[0-9a-fA-F:.]+\]|[^@:/,\[\]]*)(:\d{1,5})?"
_HOSTS = re.compile(rf"{_HOST}(,{_HOST})*")


def read(url: str) -> dict[str, Any]:
    """
    Turn `postgresql://user:password@host:5432/name` into Django's settings of a database.

    User and password are percent-encoded. Raises ImproperlyConfigured for another scheme, without a name, and for a
    sign in the password that ends it too early. Its words show no part of the URL, which holds the password.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # A bracket in the password, most likely.
        raise ImproperlyConfigured(_UNESCAPED) from None
    if parts.scheme not in ("postgresql", "postgres"):
        raise ImproperlyConfigured(f"DATABASE_URL must look like {EXAMPLE}: the site works with Postgres alone")
    user, _, hosts = parts.netloc.rpartition("@")
    if "@" in user or "@" in parts.path or parts.fragment or not _HOSTS.fullmatch(hosts):
        raise ImproperlyConfigured(_UNESCAPED)
    if not parts.path.strip("/"):
        raise ImproperlyConfigured(f"DATABASE_URL names no database: it must look like {EXAMPLE}")
    return environ.Env.db_url_config(url) | {"ENGINE": "django.db.backends.postgresql"}


_UNESCAPED = (
    f"DATABASE_URL must look like {EXAMPLE}. In user and password, @ is written %40, / is %2F, # is %23, ? is %3F, "
    ": is %3A, [ is %5B and % is %25"
)
