"""Requests as a server hands them over: Django's test client makes some of them better than they are."""

import io
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpResponse

from clinic.wsgi import application


def call(
    method: str, path: str, *, query: str = "", body: bytes = b"", content_type: str = "", app: Any = application,
    **environ: Any,
) -> HttpResponse:  # fmt: skip
    """What the WSGI application answers, as a response object."""
    answer: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        answer.update(status=int(status.split()[0]), headers=dict(headers))

    # As Django's own client does: the test's transaction needs its connection.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    chunks = app(
        {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(),
            **environ,
        },
        start_response,
    )
    content = b"".join(chunks)
    if hasattr(chunks, "close"):  # A file is closed by it.
        chunks.close()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    return HttpResponse(content, status=answer["status"], headers=answer["headers"])
