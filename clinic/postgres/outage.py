"""
Whether the database is away: one thread of each process asks for it, so that no request waits for what will not come.

Somebody who meets a lost connection says so with `suspect`. The thread asks until the database answers, and says in
one line that it is away and in one that it is back.
"""

import logging
import threading
import time
from contextlib import suppress
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg_pool import PoolClosed

logger = logging.getLogger(__name__)

# Seconds between two questions, and for the answer to one.
ASKS_EVERY, ANSWER = 0.5, 2

_lock = threading.Lock()
_is_asking = False
_away_since: float | None = None
# Nothing sets it: a test that stops the clock stops no such wait.
_pause = threading.Event()


def is_known() -> bool:
    """Whether this process knows that the database is away."""
    return _away_since is not None


def suspect() -> None:
    """Have a thread find out whether the database is away, unless one does already."""
    global _is_asking
    with _lock:
        if _is_asking:
            return
        _is_asking = True
    try:
        threading.Thread(target=_ask_until_it_answers, name="database-outage", daemon=True).start()
    except RuntimeError:  # No thread is to be had at this moment: the next one who meets it says so again.
        with _lock:
            _is_asking = False


def asked_once() -> str:
    """Why the database takes no connection at this moment, in its words; nothing where it takes one."""
    try:
        psycopg.connect(**_question()).close()
    except psycopg.Error as error:
        return str(error).partition("\n")[0]
    return ""


def _question() -> dict[str, Any]:
    # As settings have it now: the thread's own wrapper reads them when it is made.
    given = connections[DEFAULT_DB_ALIAS].get_connection_params()
    return given | {"connect_timeout": ANSWER, "autocommit": True}


def _ask_until_it_answers() -> None:
    global _is_asking, _away_since
    try:
        while not _answers():
            _pause.wait(ASKS_EVERY)
        since, _away_since = _away_since, None
        if pool := _pool():  # Of what it has left some may lead nowhere.
            pool.drain()
        if since is not None:
            logger.warning("The database is back after %.0f seconds", time.monotonic() - since)
    finally:
        with _lock:
            _is_asking, _away_since = False, None


def _answers() -> bool:
    global _away_since
    try:
        with psycopg.connect(**_question()):  # The server greets with what it is: that is its answer.
            return True
    except psycopg.Error as error:
        if _away_since is None:
            _away_since = time.monotonic()
            logger.error("The database is away: %s", str(error).partition("\n")[0])
            # Broken connections would cost a request a second each. Those to a server that says nothing, maybe one of
            # several, would be waited for here, one after the other.
            if (pool := _pool()) and "timeout" not in f"{type(error).__name__} {error}".lower():
                with suppress(PoolClosed):
                    pool.check()
        return False


def _pool() -> Any:
    """The site's own, where it is open."""
    pool = connections[DEFAULT_DB_ALIAS]._connection_pools.get(DEFAULT_DB_ALIAS)  # type: ignore[attr-defined]
    return pool if pool and not pool.closed else None
