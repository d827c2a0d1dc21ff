"""
How much of what is sent the site reads: a WSGI layer, before Django looks at a body.

A length that is too large is refused unread. A body in chunks says no length, and Django would read nothing of it: its
bytes are counted as they come, and end where the limit is. A file is refused unread wherever none is asked for.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.conf import settings

from clinic.server.answer import Application, Environ

# The longest form that a patient fills in takes a tenth of it, in whatever letters. Nobody needs more to sign in.
FORM_BYTES = 256 * 1024
# What staff save at once: a page's words, or a long list.
STAFF_BYTES = 1024 * 1024
_SIGN_IN = "/admin/login/"


class Bodies:
    """Has requests refused whose body is larger than their address takes, or a file where none is asked for."""

    def __init__(self, django: Application):
        self.django = django

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Any:
        if refused := _refused(environ):
            environ["clinic.refused_with"] = refused
            # Whatever looks at it later finds nothing to read.
            environ["CONTENT_LENGTH"], environ["wsgi.input"] = "0", BytesIO()
        return self.django(environ, start_response)


def limit(path: str) -> int:
    """How many bytes this address reads."""
    if path in settings.TAKES_FILES:
        return int(settings.TAKES_FILES[path])
    return STAFF_BYTES if path.startswith("/admin/") and path != _SIGN_IN else FORM_BYTES


def _refused(environ: Environ) -> int:
    """The status that a request is refused with, or 0. What came in chunks is read, and has a length from then on."""
    path = environ.get("PATH_INFO", "")
    most = limit(path)
    length, is_chunked = environ.get("CONTENT_LENGTH", ""), "HTTP_TRANSFER_ENCODING" in environ
    if length.isascii() and length.isdecimal() and int(length[:18]) > most:
        return 413
    is_file = environ.get("CONTENT_TYPE", "").lstrip().lower().startswith("multipart/")
    if is_file and path not in settings.TAKES_FILES:
        return 415
    if is_chunked:
        body = _read(environ["wsgi.input"], most + 1)
        if len(body) > most:
            return 413
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
    return 0


def _read(stream: Any, most: int) -> bytes:
    """At most so many bytes, in pieces: a server may hand over less than it is asked for."""
    pieces, left = [], most
    while left and (piece := stream.read(min(left, 65536))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)
