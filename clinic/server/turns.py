"""
Pages that are made anew for each address take turns: a WSGI layer between the page store and Django.

Free times have thousands of addresses, and machines follow every one. Python computes in one thread at a time, so
each such page holds up whatever else its process serves. They may have a small share of it: one is made at a time,
and after it the next one waits. Somebody who pages through the times alone waits for nothing.
"""

import re
import threading
import time
from collections.abc import Callable
from typing import Any

from clinic.server.answer import Application, Environ
from clinic.server.kept_pages import KEPT_BY_US

# Of the threads of a process (clinic.server.gunicorn_conf): the others serve everything else meanwhile.
PLACES = 4
# After a page that took so long of the processor, twenty-nine times as long: three percent.
PAUSE = 29
LONGEST_PAUSE = 0.5  # seconds
TIMES = re.compile(r"/appointments/times/")


class Turns:
    """Has one of the pages that nobody keeps made at a time, and those refused that find no place to wait."""

    def __init__(self, django: Application):
        self.django, self.turn, self.free_from = django, threading.Lock(), 0.0
        self.places = threading.BoundedSemaphore(PLACES)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Any:
        if not _is_made_anew(environ):
            return self.django(environ, start_response)
        if not self.places.acquire(blocking=False):
            environ["clinic.refused_with"] = 503
            return self.django(environ, start_response)
        try:
            with self.turn:
                time.sleep(max(0.0, self.free_from - time.monotonic()))
                began = time.thread_time()
                try:
                    return self.django(environ, start_response)
                finally:
                    pause = min((time.thread_time() - began) * PAUSE, LONGEST_PAUSE)
                    self.free_from = time.monotonic() + pause
        finally:
            self.places.release()


def _is_made_anew(environ: Environ) -> bool:
    """Whether it is a page for everyone that the page store does not keep."""
    path = environ["PATH_INFO"]
    return environ["REQUEST_METHOD"] in ("GET", "HEAD") and bool(
        TIMES.fullmatch(path) or (environ.get("QUERY_STRING") and KEPT_BY_US.fullmatch(path))
    )
