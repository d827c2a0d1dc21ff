"""EMAIL_URL, read into Django's MAILERS."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SCHEMES = {"smtp": {}, "smtp+tls": {"use_tls": True}, "smtp+ssl": {"use_ssl": True}}
PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


def mailers(url: str, *, outbox: Path | None) -> dict[str, dict[str, Any]]:
    """
    Turn `smtp+tls://user:password@host:587` into Django's MAILERS; without a URL mails land in the folder `outbox`.

    User and password are percent-encoded. Raises ImproperlyConfigured for any other scheme, without a host, and
    for no URL where there is no outbox: in production a mail must not end in a folder that nobody reads.
    """
    if not url and outbox is None:
        raise ImproperlyConfigured("Set EMAIL_URL, like smtp+tls://user:password@host:587: the site sends mails")
    if not url:
        folder = {"file_path": str(outbox)}
        return {"default": {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": folder}}
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # Its words would show a part of the password.
        parts, port = urlsplit(""), -1
    # What stands behind the host is the rest of a password that a sign has ended too early.
    behind = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme not in SCHEMES or not parts.hostname or port == -1 or behind:
        raise ImproperlyConfigured(
            f"EMAIL_URL must look like smtp+tls://user:password@host:587, or {', '.join(SCHEMES)}. In user and "
            "password, @ is written %40, / is %2F, # is %23, ? is %3F, : is %3A, [ is %5B and % is %25"
        )
    options = {
        "host": parts.hostname,
        "port": port or PORTS[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "timeout": 20,  # seconds for a whole delivery: clinic.smtp
        **SCHEMES[parts.scheme],
    }
    return {"default": {"BACKEND": "clinic.smtp.EmailBackend", "OPTIONS": options}}
