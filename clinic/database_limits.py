"""
How long a connection to the database waits, for whom: the one place for its limits.

They come with the connection itself, so that each statement has them and none has to be sent for them. A site that
waits for ever for one locked row stands still with all its threads.

Source: PostgreSQL 18, 19.11.1 "Statement Behavior" and 32.1.2 "Parameter Key Words".
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS, Error, connections

from clinic.postgres.connections import Connection, check, patience

# Visitors and staff wait for the answer: rather a sentence that asks them to try again than a page that never comes.
# Nobody waits for longer than fifteen seconds, also where the server says nothing any more and what comes next has to
# find that out, too.
WEB = {"lock_timeout": "3s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "30s"}
# Nobody waits for a job of the night, and one may read all that there is. The worker's other jobs, of each minute, have
# the limits of WEB: on a server that hangs, a worker that waits for five minutes sends no mail for five.
NIGHT = WEB | {"statement_timeout": "5min"}
# Somebody started the command, waits for its end, and sees it.
COMMAND = dict.fromkeys(WEB, "0")

# A pool instead of CONN_MAX_AGE: as fast, and it hands out no connection that died meanwhile. It tries for a second to
# reach a database that is away; clinic.postgres.outage goes on.
POOL = {
    "min_size": 1, "max_size": 10, "timeout": 3, "reconnect_timeout": 1,
    "connection_class": Connection, "check": check,
}  # fmt: skip

# When a network or the database's machine is gone without a word, a connection notices within half a minute.
NETWORK = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,  # milliseconds
}


def options(limits: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Django's OPTIONS with these limits; what the operator has `given` in DATABASE_URL comes after them and counts."""
    return NETWORK | dict(given) | {"options": f"{_settings(limits)} {given.get('options', '')}".strip()}


def _settings(limits: Mapping[str, str]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in limits.items())


@contextmanager
def lifted(alias: str = DEFAULT_DB_ALIAS, *, limits: Mapping[str, str] = COMMAND) -> Iterator[None]:
    """Wait for as long as it takes, or these limits say, on this thread's connection, as long as the block runs."""
    with connections[alias].cursor() as cursor:
        for name, value in limits.items():
            cursor.execute(f"SET {name} = '{value}'")
    # A test's connection may come from elsewhere.
    of_psycopg = connections[alias].connection
    try:
        seconds = patience(_settings(limits))
        with of_psycopg.waiting(seconds) if isinstance(of_psycopg, Connection) else nullcontext():
            yield
    finally:
        with suppress(Error), connections[alias].cursor() as cursor:  # What the block raised counts, not this.
            for name in limits:
                cursor.execute(f"RESET {name}")


class PatientCommand(BaseCommand):
    """A command that may take long: somebody waits for its end."""

    def execute(self, *args: Any, **options: Any) -> Any:
        with lifted(options.get("database") or DEFAULT_DB_ALIAS):
            return super().execute(*args, **options)
