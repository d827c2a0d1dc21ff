"""A connection gives up on a server that says nothing, and the pool hands out one that answers."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from django.db import OperationalError, connection
from procrastinate.connector import LISTEN_TIMEOUT
from procrastinate.contrib.django.utils import connector_params
from psycopg_pool import ConnectionPool

from clinic import database_limits
from clinic.database_limits import NIGHT, WEB
from clinic.postgres import connections
from clinic.postgres.connections import Connection, JobsConnection, patience
from clinic.server import spare_threads
from tests.racing import limits_of


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        (database_limits.options(WEB, {})["options"], 11),
        (database_limits.options(NIGHT, {})["options"], 301),
        (database_limits.options(WEB, {"options": "-c statement_timeout=60s"})["options"], 61),
        ("-c statement_timeout=1500", 2.5),
        ("-c statement_timeout=0", None),
        ("", None),
    ],
)
def test_it_waits_a_little_longer_than_the_server_lets_a_statement_run(options, seconds):
    assert patience(options) == seconds


@pytest.mark.django_db
def test_the_sites_connections_are_such_ones_and_a_command_waits_for_ever():
    connection.ensure_connection()
    of_psycopg = connection.connection
    with database_limits.lifted():
        lifted = of_psycopg.patience

    assert (type(of_psycopg), of_psycopg.patience, lifted) == (Connection, 11, None)


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_the_server_does_not_end_is_given_up_and_its_connection_closed():
    with limits_of(statement_timeout="10min"):
        connection.ensure_connection()
        of_psycopg = connection.connection
        with of_psycopg.waiting(0.05), pytest.raises(OperationalError, match="says nothing"):
            connection.cursor().execute("SELECT pg_sleep(60)")
        closed = of_psycopg.closed
        connection.close()

        assert closed
        assert connection.cursor().execute("SELECT 1").fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_a_worker_gives_up_on_a_server_that_says_nothing_about_its_jobs(monkeypatch):
    monkeypatch.setattr(connections, "JOBS", 0.05)

    async def ask() -> bool:
        made = await JobsConnection.connect(**connector_params())
        with pytest.raises(psycopg.OperationalError, match="says nothing"):
            await made.execute("SELECT pg_sleep(60)")
        return made.closed

    # A browser's tests may have left a loop in this thread.
    with ThreadPoolExecutor(1) as another:
        assert another.submit(asyncio.run, ask()).result()


def test_a_worker_is_more_patient_than_it_listens_for_jobs_at_a_stretch():
    assert connections.JOBS > LISTEN_TIMEOUT


@pytest.fixture
def asked(monkeypatch) -> list[bool]:
    """How often a connection was asked before it was handed out. One of the pool has answered and is given back."""
    seen: list[bool] = []
    real = ConnectionPool.check_connection
    monkeypatch.setattr(ConnectionPool, "check_connection", lambda each: (seen.append(True), real(each)))
    connection.close()
    connection.close_pool()
    connection.ensure_connection()
    connection.close()
    seen.clear()
    return seen


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("just_now", "times"), [(60, 0), (0, 1)])
def test_what_has_just_answered_is_handed_out_as_it_is_and_anything_else_is_asked(asked, monkeypatch, just_now, times):
    monkeypatch.setattr(connections, "JUST_NOW", just_now)

    connection.ensure_connection()

    assert len(asked) == times


def test_threads_that_join_while_others_are_stuck_on_a_server_ask_it_first():
    assert connections.JUST_NOW <= spare_threads.STUCK_AFTER


@pytest.mark.django_db
def test_what_has_hung_up_since_it_answered_has_not_just_answered(monkeypatch):
    monkeypatch.setattr(connections, "JUST_NOW", 60)
    with closing(Connection.connect(**connector_params())) as made, psycopg.connect(**connector_params()) as other:
        before = made.has_just_answered()
        ended = other.execute("SELECT pg_terminate_backend(%s, 30000)", [made.info.backend_pid]).fetchone()

        assert (before, ended, made.has_just_answered()) == (True, (True,), False)
