"""A process that knows that its database is away asks for it in one thread, and says so once."""

import psycopg
import pytest
from django.db import InternalError, OperationalError, connection

from clinic.models import Clinic
from clinic.postgres import outage
from tests import make


@pytest.fixture
def suspected(monkeypatch) -> list[bool]:
    """Each time that somebody met a lost connection; nobody looks for it."""
    seen: list[bool] = []
    monkeypatch.setattr(outage, "suspect", lambda: seen.append(True))
    return seen


def test_it_says_once_that_the_database_is_away_and_once_that_it_is_back(monkeypatch, caplog):
    answers = iter([psycopg.OperationalError("refused\nmore"), psycopg.errors.ConnectionTimeout("silent"), None])
    known: list[bool] = []

    class Answers:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    def connect(**_):
        known.append(outage.is_known())
        if error := next(answers):
            raise error
        return Answers()

    monkeypatch.setattr(outage.psycopg, "connect", connect)
    monkeypatch.setattr(outage, "ASKS_EVERY", 0)

    outage._ask_until_it_answers()

    assert known == [False, True, True]
    assert not outage.is_known()
    said = [record.getMessage() for record in caplog.records]
    assert said == ["The database is away: refused", "The database is back after 0 seconds"]


@pytest.mark.django_db(transaction=True)
def test_while_it_is_known_nobody_waits_for_a_connection(monkeypatch, suspected):
    connection.close()
    connection.close_pool()

    with monkeypatch.context() as patch:
        patch.setattr(outage, "_away_since", 1.0)
        with pytest.raises(OperationalError, match="the database is away"):
            connection.ensure_connection()

    assert suspected == [True]


@pytest.mark.django_db(transaction=True)
def test_an_open_connection_is_used_all_the_same(monkeypatch, suspected):
    connection.ensure_connection()
    connection.close()  # It goes back to the pool.
    monkeypatch.setattr(outage, "_away_since", 1.0)

    connection.ensure_connection()

    assert suspected == []


@pytest.mark.django_db(transaction=True)
def test_whoever_loses_a_connection_has_the_database_looked_for(suspected):
    connection.ensure_connection()
    connection.connection.close()

    with pytest.raises(OperationalError, match="closed"):
        connection.cursor().execute("SELECT 1")
    connection.close()

    assert suspected != []


@pytest.mark.django_db(transaction=True)
def test_after_a_write_to_a_read_only_server_connections_are_made_anew():
    make.clinic()
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        before = connection.connection.info.backend_pid

    with pytest.raises(InternalError, match="read-only"):
        Clinic.objects.update(name="Elm Spine Clinic")
    connection.close()
    Clinic.objects.update(name="Oak Spine Clinic")

    assert connection.connection.info.backend_pid != before


@pytest.mark.django_db
def test_why_it_takes_no_connection_is_said_in_its_own_first_line(monkeypatch):
    assert outage.asked_once() == ""

    monkeypatch.setitem(connection.settings_dict, "USER", "nobody_of_this_name")
    assert outage.asked_once().endswith('role "nobody_of_this_name" does not exist')
