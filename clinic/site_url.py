"""SITE_URL, the one address of the site, from which everything that belongs to https follows."""

from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
DEFAULT_PORTS = {"http": 80, "https": 443}


class Site(NamedTuple):
    """`url` is what a browser sends as Origin; `host` is as Django's ALLOWED_HOSTS wants it."""

    url: str
    host: str
    is_https: bool
    is_local: bool


def read(url: str) -> Site:
    """
    Read SITE_URL. https anywhere, http for a loopback host only, nothing behind the host but a port.

    Raises ImproperlyConfigured for anything else.
    """
    try:
        parts = urlsplit(url.rstrip("/").lower())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    is_local = host in LOOPBACK
    more = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if not host or more or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not is_local):
        raise ImproperlyConfigured(
            f"SITE_URL is {url!r}: it must look like https://clinic.example, or http:// for a loopback host"
        )
    shown_port = f":{port}" if port and port != DEFAULT_PORTS[parts.scheme] else ""
    return Site(f"{parts.scheme}://{host}{shown_port}", host, parts.scheme == "https", is_local)
