"""EMAIL_URL, read into Django's MAILERS."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SCHEMES = {"smtp": {}, "smtp+tls": {"use_tls": True}, "smtp+ssl": {"use_ssl": True}}
PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


def mailers(url: str) -> dict[str, dict[str, Any]]:
    """
    Turn `smtp+tls://user:password@host:587` into Django's MAILERS; without a URL mails go to the log.

    User and password are percent-encoded. Raises ImproperlyConfigured for any other scheme or without a host.
    """
    if not url:
        return {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ImproperlyConfigured(
            f"EMAIL_URL must look like smtp+tls://user:password@host:587, or {', '.join(SCHEMES)}"
        )
    options = {
        "host": parts.hostname,
        "port": parts.port or PORTS[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "timeout": 20,
        **SCHEMES[parts.scheme],
    }
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
