"""
Connections that give up on a server which says nothing any longer.

A server that hangs keeps its sockets open, and its machine acknowledges what is sent: neither the limits that the
server itself keeps nor those of the network end such a wait. A thread that waits for ever is lost to visitors.
"""

import re
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from psycopg import errors
from psycopg_pool import ConnectionPool

from clinic.postgres import outage

# Seconds after which the server itself should have ended a statement and has not.
GRACE = 1
# Seconds for the answer to an empty statement, before a connection is handed out.
CHECK = 2
# What has answered so many seconds ago is not asked again before it is handed out: while many come, a statement less
# for each. No longer than until threads count as stuck (clinic.server.spare_threads): whoever meets a server that says
# nothing since waits for it as long as for a statement, and the threads that join then shall ask first.
JUST_NOW = 0.05
# Seconds for the worker's own statements about its jobs. Longer than it listens for news of jobs at a stretch
# (procrastinate.connector.LISTEN_TIMEOUT), since that is a wait, too.
JOBS = 40

_LIMIT = re.compile(r"statement_timeout=(\d+)(ms|s|min|h|d)?")
_SECONDS = {"": 0.001, "ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86_400}
SILENT = "the database server says nothing"


def patience(options: str) -> float | None:
    """Seconds to wait for the server where it has these `options`; None for ever, as it lets statements run."""
    limits = _LIMIT.findall(options)
    seconds = float(limits[-1][0]) * _SECONDS[limits[-1][1]] if limits else 0
    return seconds + GRACE if seconds else None


class Connection(psycopg.Connection[Any]):
    """What Django's pool is made of: it waits a little longer than the server lets a statement run, and closes."""

    # Seconds; None waits for ever.
    patience: float | None = None
    # time.monotonic() when the server has last answered. Setting autocommit, which asks it nothing, counts, too: it
    # comes right before a statement, or right after one.
    answered_at = float("-inf")

    @classmethod
    def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:
        made = super().connect(conninfo, **kwargs)
        made.patience, made.answered_at = patience(kwargs.get("options", "")), time.monotonic()
        return made

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            found = super().wait(gen, interval, self.patience if timeout is None else timeout)
        except errors._WaitTimeout:
            if timeout is not None:
                raise
            self.close()
            raise psycopg.OperationalError(SILENT) from None
        self.answered_at = time.monotonic()
        return found

    def has_just_answered(self) -> bool:
        """Whether the server has answered a moment ago, and has neither hung up nor said anything else since."""
        if time.monotonic() >= self.answered_at + JUST_NOW:
            return False
        heard = select.poll()
        heard.register(self, select.POLLIN)
        return not heard.poll(0)

    @contextmanager
    def waiting(self, seconds: float | None) -> Iterator[None]:
        """Have this patience as long as the block runs."""
        before, self.patience = self.patience, seconds
        try:
            yield
        finally:
            self.patience = before


class JobsConnection(psycopg.AsyncConnection[Any]):
    """The same for the connections by which a worker learns of its jobs."""

    async def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return await super().wait(gen, interval, JOBS if timeout is None else timeout)
        except errors._WaitTimeout:
            if timeout is not None:
                raise
            await self.close()
            raise psycopg.OperationalError(SILENT) from None


def check(connection: Connection) -> None:
    """Raise, and have somebody look for the database, unless this connection's end answers at once, or just has."""
    if connection.has_just_answered():
        return
    try:
        with connection.waiting(CHECK):
            ConnectionPool.check_connection(connection)
    except psycopg.Error:
        outage.suspect()
        raise
