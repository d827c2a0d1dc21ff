"""How the site's logs are written: without the keys of own pages, and without a word that a patient typed."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.template import TemplateDoesNotExist
from procrastinate.exceptions import ConnectorException

from clinic.server import request_ids

# Who has the key of an own page acts as the patient. What staff search for is the query of an address under /admin/.
_KEY = re.compile(r"(/appointments/)[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])")
_QUERY = re.compile(r"(/admin/[^\s?\"']*\?)[^\s\"']+")
# With somebody's password, it sets their second step up.
_LINK = re.compile(r"(/admin/second-step/set-up/)[^\s/?\"']+")
# Exceptions that speak of the code, the machine or the database server. The words of any other may be a patient's.
_SPEAK_OF_THE_SITE = (
    AttributeError, ConnectionError, ImportError, ImproperlyConfigured, InterfaceError, NameError, OperationalError,
    TemplateDoesNotExist, TimeoutError, TypeError,
)  # fmt: skip


def masked(words: str) -> str:
    """The words without the keys of own pages, the queries of staff's addresses, and links that staff were mailed."""
    return _LINK.sub(r"\1…", _QUERY.sub(r"\1…", _KEY.sub(r"\1…", words)))


def told(error: BaseException) -> str:
    """The error's type and, where its words cannot be a patient's, the first line of them."""
    said = str(error).partition("\n")[0] if isinstance(error, _SPEAK_OF_THE_SITE) else ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


class SaidByTheWorker(logging.Filter):
    """Leaves out procrastinate's tracebacks about a lost database: the worker says that in one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info and record.name.startswith("procrastinate.") else None
        return not (isinstance(error, ConnectorException) and isinstance(error.__cause__, psycopg.OperationalError))


class Line(logging.Formatter):
    """A record as lines for the log, with where an exception was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record anew: another handler may have kept an exception's own words in it."""
        record.exc_text = None
        said = masked(super().format(record))
        return f"{said} [request {name}]" if (name := request_ids.current()) else said

    def formatException(self, ei: Any) -> str:
        """Each exception of the chain, the first cause first, as its frames and what may be told of it."""
        lines: list[str] = []
        error, seen = ei[1], set[int]()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            lines.insert(0, "".join(traceback.format_tb(error.__traceback__)) + told(error))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


class LineAsJson(Line):
    """The same as one line of JSON, for what collects the logs of several processes."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "log": record.name,
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "words": masked(record.getMessage()),
            "raised": masked(self.formatException(record.exc_info)) if record.exc_info else "",
            "request": request_ids.current(),
        }
        return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)


class JsonLine(logging.Formatter):
    """A record of clinic.server.security_log as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps({"log": record.name, **record.security})  # type: ignore[attr-defined]
