"""One migrate at a time, and nobody waits behind it for long."""

import io

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate as djangos
from django.db import connection, migrations
from procrastinate.contrib.django.utils import connector_params

from clinic.management.commands import migrate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other():
    """Somebody else's connection, with a table that only these tests know."""
    with psycopg.connect(**connector_params(), autocommit=True) as other:
        other.execute("CREATE TABLE of_this_test ()")
        yield other
        other.rollback()
        other.execute("DROP TABLE of_this_test")


@pytest.fixture
def limits(monkeypatch):
    """Each migration's name, and how long it would wait for a lock; Django's own command changes the test's table."""
    limits = []

    def handle(self, *args, **options):
        self.verbosity = 0
        for name, is_atomic in (("0098_of_this_test", True), ("0099_an_index", False)):
            migration = migrations.Migration(name, "clinic")
            migration.atomic = is_atomic
            self.migration_progress_callback("apply_start", migration)
            with connection.cursor() as cursor:
                cursor.execute("SHOW lock_timeout")
                limits.append((name, cursor.fetchone()[0]))
                cursor.execute("ALTER TABLE of_this_test ADD COLUMN IF NOT EXISTS more integer")

    monkeypatch.setattr(djangos.Command, "handle", handle)
    monkeypatch.setattr(migrate, "WAITS", "50ms")
    return limits


def said_while(other: psycopg.Connection, pauses, monkeypatch) -> str:
    """What migrate says; each of its pauses takes what stands next in `pauses`."""
    steps = iter(pauses)
    monkeypatch.setattr(migrate.time, "sleep", lambda _seconds: next(steps)())
    said = io.StringIO()
    call_command("migrate", verbosity=0, stderr=said)
    assert next(steps, None) is None
    return said.getvalue()


def test_what_is_not_atomic_waits_for_ever_and_all_else_briefly(other, limits):
    call_command("migrate", verbosity=0)

    assert limits == [("0098_of_this_test", "50ms"), ("0099_an_index", "0")]


def test_a_table_that_others_use_is_tried_again(other, limits, monkeypatch):
    other.execute("BEGIN")
    other.execute("SELECT FROM of_this_test")

    said = said_while(other, [lambda: None, other.rollback], monkeypatch)

    assert said == "Others use a table that clinic.0098_of_this_test changes: once more in 5 seconds.\n" * 2
    assert [name for name, _limit in limits] == ["0098_of_this_test"] * 3 + ["0099_an_index"]


def test_in_the_end_it_says_what_is_not_applied(other, limits, monkeypatch):
    other.execute("BEGIN")
    other.execute("SELECT FROM of_this_test")
    monkeypatch.setattr(migrate, "TRIES", 2)

    with pytest.raises(
        CommandError, match=r"^Others use a table that clinic\.0098_of_this_test changes, 2 times .*50ms"
    ):
        said_while(other, [lambda: None], monkeypatch)

    other.rollback()
    assert not other.execute(
        "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4072 AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    ).fetchall()


def test_a_second_one_waits_for_the_end_of_the_first(other, limits, monkeypatch):
    other.execute("SELECT pg_advisory_lock(%s)", [migrate.LOCK])

    def first_ends():
        assert limits == []
        other.execute("SELECT pg_advisory_unlock(%s)", [migrate.LOCK])

    said = said_while(other, [lambda: None, first_ends], monkeypatch)

    assert said == "Another migrate works on this database: this one goes on once it has ended.\n"
    assert len(limits) == 2
