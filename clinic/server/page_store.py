"""
Visitors' pages from memory: a WSGI layer in front of Django, as whitenoise is one.

Public pages are the same bytes for every visitor, so what Django answered one is replayed to the next, headers and
304s included. A process looks for newer words every LOOKS_EVERY seconds. Where there are some, one request for a page
asks Django anew, while others get the page as it was; so do all while the database is away.
"""

import logging
import re
import threading
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.db import Error as DatabaseProblem
from django.utils.http import parse_etags

from clinic.busy import is_refusal
from clinic.server import counters
from clinic.server.answer import Answer, Application, Environ
from clinic.server.kept_pages import KEPT_BY_US

type Kind = tuple[str, str, bool]  # Method, path and gzip: what tells answers apart.

GZIP = re.compile(r"\bgzip\b")
LOOKS_EVERY = 2.0


class PageStore:
    """The pages of `site_url`. While `look` returns the same, none has newer words than when it was asked before."""

    def __init__(self, django: Application, site_url: str, look: Callable[[], object]):
        self.django, self.look, self.seen, self.next_look = django, look, object(), float("-inf")
        self.scheme, self.host = urlsplit(site_url)[:2]
        self.kept: dict[Kind, Answer] = {}
        self.lock, self.looking = threading.Lock(), threading.Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Any:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if (
            (environ.get("HTTP_HOST"), environ["wsgi.url_scheme"]) != (self.host, self.scheme)
            or method not in ("GET", "HEAD")
            or environ.get("QUERY_STRING")
            or not environ.keys().isdisjoint(("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"))
            or not KEPT_BY_US.fullmatch(path)
        ):
            return self.django(environ, start_response)
        # Both headers are read as Django's middleware reads them.
        kind = (method, path, bool(GZIP.search(environ.get("HTTP_ACCEPT_ENCODING", ""))))
        answer = self._answer(kind)
        if method == "GET" and answer.etag and (theirs := environ.get("HTTP_IF_NONE_MATCH")):
            etags = [etag.strip("W/") for etag in parse_etags(theirs)]
            if etags == ["*"] or answer.etag.strip("W/") in etags:
                answer = self._unmodified(kind, answer)
        counters.count(counters.Count.STORE_ASKED)  # Once: what the main loop leaves to a thread has not come so far.
        start_response(answer.status, list(answer.headers))
        return [answer.body] if method == "GET" else []

    def _answer(self, kind: Kind) -> Answer:
        if not (kept := self.kept.get(kind)):
            self._look()
            return self._ask(kind)
        is_newest = kept.seen == self.seen and time.monotonic() < self.next_look
        if is_newest or not self.lock.acquire(blocking=False):  # Somebody asks already.
            return kept
        try:
            self._look()
            return kept if kept.seen == self.seen else self._ask(kind)
        finally:
            self.lock.release()

    def _look(self) -> None:
        if time.monotonic() < self.next_look or not self.looking.acquire(blocking=False):
            return
        try:
            self.seen = self.look()
        except DatabaseProblem as error:
            if not is_refusal(error):  # The database is there, and no longer as we know it: each page is asked anew.
                logging.getLogger(__name__).exception("No look for newer words: asking for each page")
                self.seen = object()
        finally:
            self.looking.release()
        self.next_look = time.monotonic() + LOOKS_EVERY  # The look itself may have taken some seconds.

    def _ask(self, kind: Kind) -> Answer:
        kept, answer = self.kept.get(kind), self._djangos(kind, self.seen)
        if kept and answer.status.startswith("5"):
            return kept  # It will be asked again.
        self.kept.pop(kind, None)
        if answer.status.startswith("200") and "Set-Cookie" not in dict(answer.headers):
            self.kept[kind] = answer
        return answer

    def _unmodified(self, kind: Kind, answer: Answer) -> Answer:
        """Django's 304, asked for once; where Django has newer words already, they come with the next look."""
        said = answer.unmodified or self._djangos(kind, answer.seen, HTTP_IF_NONE_MATCH=answer.etag)
        answer.unmodified = said if said.status.startswith("304") else None
        return answer.unmodified or answer

    def _djangos(self, kind: Kind, seen: object, **asking: str) -> Answer:
        """Django's answer to a request with nothing in it but what tells answers apart."""
        environ: Environ = {
            "REQUEST_METHOD": kind[0], "PATH_INFO": kind[1], "HTTP_ACCEPT_ENCODING": "gzip" if kind[2] else "",
            "HTTP_HOST": self.host, "SERVER_NAME": self.host, "SERVER_PORT": "0", "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": self.scheme, "wsgi.input": BytesIO(), **asking,
        }  # fmt: skip
        answer = Answer.by(self.django, environ, seen)
        counters.count(counters.Count.STORE_MADE)
        return answer
