"""
Kept pages are answered in gunicorn's main loop: to hand one to a thread and back takes as long as half an answer.

Who waits there makes everybody wait. So nothing may: what would ask Django or the database raises NotAtOnce, and the
request goes to a thread after all. What a client has no room for waits for it (clinic/server/main_loop.py).
"""

import socket
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import Any

from gunicorn.http import wsgi

_is_main_loop: ContextVar[bool] = ContextVar("is_main_loop", default=False)


class NotAtOnce(BaseException):
    """To answer may take waiting. No Exception: gunicorn would answer one with "Internal Server Error"."""


def in_threads_only[**Args, Result](act: Callable[Args, Result]) -> Callable[Args, Result]:
    """Raise NotAtOnce instead of doing this in the main loop."""

    def run(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        if _is_main_loop.get():
            raise NotAtOnce
        return act(*args, **kwargs)

    return run


class Held:
    """Stands for a connection's socket, and holds back what is said to it."""

    def __init__(self, sock: socket.socket):
        self.sock, self.said = sock, bytearray()
        self.sendall = self.said.extend

    def setblocking(self, flag: bool) -> None:
        """It stays as the main loop needs it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)


def answer(handle: Callable[[Any], bool], conn: Any) -> tuple[bytearray, bool]:
    """What `handle` has to say to this connection, unsent, and whether the connection is kept. Raises NotAtOnce."""
    sock, conn.sock = conn.sock, Held(conn.sock)
    before = _is_main_loop.set(True)
    try:
        is_kept = handle(conn)
        return conn.sock.said, is_kept
    finally:
        _is_main_loop.reset(before)
        conn.sock = sock


class Response(wsgi.Response):
    """gunicorn's, which looks at a kept page's headers once: to look at each sign takes a tenth of an answer."""

    def process_headers(self, headers: list[tuple[str, str]]) -> None:
        if _is_main_loop.get():
            checked = _checked(tuple(headers))
            self.headers, self.response_length = [*checked.headers], checked.response_length
        else:
            super().process_headers(headers)


@lru_cache(maxsize=256)
def _checked(headers: tuple[tuple[str, str], ...]) -> wsgi.Response:
    response = wsgi.Response(None, None, None)
    response.process_headers(headers)
    return response


create = partial(wsgi.create, response_class=Response)
