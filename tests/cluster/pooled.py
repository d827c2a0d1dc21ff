"""What a pooler in transaction mode breaks, beside the direct way: each asked of the site's own code."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from appointments.models import Inquiry
from appointments.notifications.queue import SEND_MAILS, wake_outbox
from clinic import database_limits, database_url
from tests.cluster import machines
from tests.cluster.machines import FRONT, ROOT, Machine

DIRECT, POOLED = f"{FRONT}:5000", f"{FRONT}:6432"
TRIES = 5


def table(front: Machine, wait_for: Callable[..., Any]) -> Iterator[str]:
    """Needs the front's HAProxy and no worker. The rows of both ways, as Markdown."""
    yield "| | direct | pgbouncer, pool_mode = transaction |"
    yield "|---|---|---|"
    with front.pgbouncer(ignores_options=False):
        refused = wait_for("pgbouncer", lambda: _refusal(POOLED), 10)
    yield f"| a connection as the site makes it, without `ignore_startup_parameters` | taken | {refused} |"
    with front.pgbouncer(ignores_options=True):
        wait_for("pgbouncer", lambda: _refusal(POOLED) == "taken", 10)
        for name, ask in ASKED.items():
            found = []
            for way in (DIRECT, POOLED):
                with _by(way):
                    found.append(ask())
            yield f"| {name} | {' | '.join(found)} |"


def _refusal(way: str) -> str:
    read = database_url.read(machines.database_url(way))
    options = database_limits.options(database_limits.WEB, {})["options"]
    where = {"host": read["HOST"], "port": read["PORT"], "user": read["USER"], "password": read["PASSWORD"]}
    try:
        psycopg.connect(**where, dbname="clinic", options=options).close()
    except psycopg.OperationalError as error:
        words = str(error).strip().splitlines()[-1].partition("FATAL:")[2].strip()
        return f"refused: {words}" if words else ""  # It does not listen yet.
    return "taken"


@contextmanager
def _by(way: str) -> Iterator[None]:
    """This process' connection, and DATABASE_URL of those that it starts."""
    host, port = way.split(":")
    mine = connection.settings_dict
    before = mine["HOST"], mine["PORT"], os.environ["DATABASE_URL"]
    connection.close()
    connection.close_pool()
    mine["HOST"], mine["PORT"], os.environ["DATABASE_URL"] = host, port, machines.database_url(way)
    try:
        yield
    finally:
        connection.close()
        connection.close_pool()
        mine["HOST"], mine["PORT"], os.environ["DATABASE_URL"] = before


def limits() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(name || ' ' || current_setting(name), ', ') FROM unnest(%s::text[]) name",
            [list(database_limits.WEB)],
        )
        return cursor.fetchone()[0]


def limits_of_a_command() -> str:
    """What another session finds after one has set something and ended without putting it back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('work_mem')")
        usual = cursor.fetchone()[0]
        cursor.execute("SET work_mem = '7MB'")
    connection.close()
    connection.close_pool()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('work_mem')")
        found = cursor.fetchone()[0]
        cursor.execute("RESET work_mem")
    return "its own" if found == usual else f"the other's ({found} for {usual})"


def cursors() -> str:
    """A list that is read in parts, outside of a transaction, while others use the pooler."""
    try:
        rows = Inquiry.objects.values_list("pk", flat=True).iterator(chunk_size=10)
        first = next(rows)
        with psycopg.connect(machines.database_url(_way()), autocommit=True) as other, other.transaction():
            other.execute("SELECT 1")
            return f"read to its end ({1 + sum(1 for _ in rows):,} rows)" if first else ""
    except Exception as error:  # What it raises is what is told.
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"


def prepared() -> str:
    """The same statement, ten times on each of three connections: psycopg would prepare it after the fifth."""
    try:
        for _ in range(30):
            Inquiry.objects.filter(pk=1).exists()
    except Exception as error:  # As above.
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return (
        "no error: none is prepared" if connection.get_connection_params()["prepare_threshold"] is None else "no error"
    )


def heard() -> str:
    """Whether what LISTENs hears a NOTIFY within two seconds."""
    with (
        psycopg.connect(machines.database_url(_way()), autocommit=True) as one,
        psycopg.connect(machines.database_url(_way()), autocommit=True) as other,
    ):
        one.execute("LISTEN trial")
        other.execute("NOTIFY trial")
        return "heard" if [*one.notifies(timeout=2, stop_after=1)] else "not heard"


def job() -> str:
    """How long a worker takes to begin what is put into its queue, as the median of some."""
    worker = subprocess.Popen([sys.executable, "manage.py", "work"], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        took = []
        for number in range(TRIES + 1):
            wake_outbox()
            began = time.monotonic()
            while ProcrastinateJob.objects.filter(status__in=("todo", "doing"), task_name=SEND_MAILS).exists():
                if time.monotonic() > began + 60:
                    return "not within a minute"
                time.sleep(0.02)
            if number:  # With the first one, it starts.
                took.append(time.monotonic() - began)
            time.sleep(1.3)
        return f"{sorted(took)[TRIES // 2]:.1f} s, {max(took):.1f} s at most"
    finally:
        worker.terminate()
        worker.wait(60)


def _way() -> str:
    return f"{connection.settings_dict['HOST']}:{connection.settings_dict['PORT']}"


ASKED = {
    "the limits that come with a connection": limits,
    "a setting of another's session": limits_of_a_command,
    "a long list, read by a cursor of the server": cursors,
    "prepared statements": prepared,
    "LISTEN": heard,
    "from a job's row to its end, by `manage.py work`": job,
}
