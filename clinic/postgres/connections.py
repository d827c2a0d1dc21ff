"""
Connections that give up on a server which says nothing any longer.

A server that hangs keeps its sockets open, and its machine acknowledges what is sent: neither the limits that the
server itself keeps nor those of the network end such a wait. A thread that waits for ever is lost to visitors.
"""

import re
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

    @classmethod
    def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:
        made = super().connect(conninfo, **kwargs)
        made.patience = patience(kwargs.get("options", ""))
        return made

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except errors._WaitTimeout:
            if timeout is not None:
                raise
            self.close()
            raise psycopg.OperationalError(SILENT) from None

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
    """Raise, and have somebody look for the database, unless this connection's end answers at once."""
    try:
        with connection.waiting(CHECK):
            ConnectionPool.check_connection(connection)
    except psycopg.Error:
        outage.suspect()
        raise
