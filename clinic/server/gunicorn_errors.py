"""
What gunicorn answers by itself, to what is no request: with the site's headers, and without repeating what was sent.

It never reaches Django, and no browser sends it unless an address or its cookies are far too long.
"""

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from gunicorn import util

from clinic.server import headers


def write_error(sock: Any, status_int: int, reason: str, mesg: str) -> None:
    """Stand in for gunicorn.util.write_error, which says what it could not read."""
    words = _("We could not read that. Please go back and try again, or call us.")
    if status_int >= 500:
        words = _("Something went wrong on our side. Please call us.")
    body = (
        f"<!DOCTYPE html><html lang=en><title>{HTTPStatus(status_int).phrase}</title><p>{words}</p></html>\n".encode()
    )
    said = {
        "Connection": "close",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        **headers.without_django(),
    }
    lines = [f"HTTP/1.1 {status_int} {reason}", *(f"{name}: {value}" for name, value in said.items()), "", ""]
    util.write_nonblock(sock, "\r\n".join(lines).encode("latin-1") + body)
