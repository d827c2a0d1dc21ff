"""Several people doing something at the same moment: real threads, each with a connection of its own."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any
from unittest import mock

import psycopg
from django.db import connection
from procrastinate.contrib.django.utils import connector_params

from appointments.bookings import locking

# What somebody who comes too late is told; anything else that is raised is a fault of ours.
REFUSALS = {
    "SlotTaken",
    "HasAppointment",
    "NotPossible",
    "TooManyReschedules",
    "TooManyHeld",
    "ChangedMeanwhile",
    "PlanChanged",
    "LockedOut",
}


def at_once(*acts: Callable[[], Any]) -> Counter[str]:
    """
    Run all of these at the same moment; how often each ended how: "ok", or the refusal's name.

    The last of many waits for all others, on a busy machine for longer than the site's limits: it waits here.
    """
    patient = mock.patch.object(locking, "FIRST_TRY", "60s")
    with patient, limits_of(lock_timeout="60s", statement_timeout="60s"):
        return _at_once(acts)


def _at_once(acts: Sequence[Callable[[], Any]]) -> Counter[str]:
    gate, ended = threading.Barrier(len(acts)), []
    # Where the pool has a connection for each, connecting is no part of the race.
    has_room = len(acts) < connection.settings_dict["OPTIONS"]["pool"]["max_size"]

    def run(act: Callable[[], Any]) -> None:
        try:
            if has_room:
                connection.ensure_connection()
            gate.wait(timeout=30)
            act()
            ended.append("ok")
        except Exception as error:
            name = type(error).__name__
            ended.append(name if name in REFUSALS else repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    unexpected = [name for name in ended if name not in {"ok", *REFUSALS}]
    assert not unexpected, unexpected
    return Counter(ended)


@contextmanager
def held(row: Any) -> Iterator[psycopg.Connection]:
    """Somebody else's session that holds this row as firmly as one can, until the block ends or it is rolled back."""
    with psycopg.connect(**connector_params()) as other:
        # Longer than the site's own limit, where a busy machine takes long to start what waits for the row.
        other.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        other.execute(f'SELECT FROM "{row._meta.db_table}" WHERE id = %s FOR UPDATE', [row.pk])
        yield other
        other.rollback()


@contextmanager
def limits_of(**limits: str) -> Iterator[None]:
    """Connections with these limits instead of the site's, like lock_timeout="50ms"."""
    of_process = connection.settings_dict["OPTIONS"]
    said = " ".join(f"-c {name}={value}" for name, value in limits.items())
    connection.close()
    connection.close_pool()
    before = of_process["options"]
    of_process["options"] = f"{before} {said}"
    try:
        yield
    finally:
        connection.close()
        connection.close_pool()
        of_process["options"] = before


def deadlocks_once(monkeypatch: Any, module: Any, name: str, times: int = 1) -> None:
    """Have the database end the transaction in which this function is called, as it ends one of a deadlock's two."""
    real, left = getattr(module, name), count(times, -1)

    def once(*args: Any, **kwargs: Any) -> Any:
        if next(left) > 0:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$")
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, once)


def overlaps() -> int:
    """Pairs of appointments that hold one practitioner's time by no one's wish, counted without our own code."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM appointments_appointment a JOIN appointments_appointment b ON a.id < b.id
            AND a.practitioner_id = b.practitioner_id
            AND a.starts_at < b.blocked_until AND b.starts_at < a.blocked_until
            WHERE a.status NOT IN ('cancelled', 'noshow') AND b.status NOT IN ('cancelled', 'noshow')
            AND NOT a.overbooked AND NOT b.overbooked
            """
        )
        return cursor.fetchone()[0]
