"""Code that is newer than its database serves nothing; an older one goes on, since an upgrade runs."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from gunicorn.arbiter import Arbiter

from clinic import practice, schema
from clinic.operations import doctor
from clinic.server import gunicorn_conf
from clinic.server.http import EVERYONE

pytestmark = pytest.mark.django_db


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture(autouse=True)
def go_on_with_the_connection(monkeypatch):
    monkeypatch.setattr(connection, "close", lambda: None)


@pytest.fixture
def older():
    """A database that has not had the newest migration of the clinic."""
    execute("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'clinic')")


def test_all_migrations_are_known_without_loading_them():
    assert schema._known() == MigrationLoader(None).disk_migrations.keys()
    assert schema.unapplied() == []


def test_a_database_of_newer_code_is_welcome():
    execute("INSERT INTO django_migrations (app, name, applied) VALUES ('clinic', '9999_of_tomorrow', now())")

    schema.refuse_an_older()


def test_a_database_without_any_tables_has_had_none():
    execute("DROP TABLE django_migrations")

    assert len(schema.unapplied()) == len(schema._known())


def test_a_web_process_refuses_an_older_one_in_a_sentence(older, caplog):
    with pytest.raises(SystemExit) as left:
        gunicorn_conf.post_worker_init(None)

    assert left.value.code == Arbiter.WORKER_BOOT_ERROR
    [said] = [record.getMessage() for record in caplog.records]
    assert said.startswith("The database is older than this code: 1 migrations are not applied, the first is clinic.")


def test_a_worker_refuses_an_older_one_in_a_sentence(older):
    with pytest.raises(CommandError, match="older than this code"):
        call_command("work", until_done=True)


def test_readyz_says_it(older, client):
    answer = client.get("/readyz")

    assert (answer.status_code, "1 migration is not applied." in answer.content.decode().splitlines()) == (503, True)


def test_a_page_without_a_column_that_it_needs_is_an_error_that_nobody_keeps(older):
    """It had been a page without a phone number, which caches show for a day."""
    browser = Client(raise_request_exception=False)
    assert browser.get("/about/").headers["Cache-Control"] == EVERYONE
    execute("ALTER TABLE clinic_clinic RENAME COLUMN after_hours_phone TO of_tomorrow")

    answer = browser.get("/about/")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (500, "no-store")
    assert b"(212) 555-0100" in answer.content  # As the process knew it.


@pytest.mark.django_db(transaction=True)
def test_the_doctor_names_the_migration_where_the_clinic_cannot_be_read(monkeypatch):
    monkeypatch.setattr(schema, "_known", lambda: frozenset({("clinic", "9999_of_tomorrow")}))
    execute("ALTER TABLE clinic_clinic RENAME COLUMN time_zone TO of_tomorrow")
    try:
        found = {each.words for each in doctor.look(doctor.Part.QUICK)}
    finally:
        execute("ALTER TABLE clinic_clinic RENAME COLUMN of_tomorrow TO time_zone")

    assert ("1 migration is not applied." in found, "The database does not answer." in found) == (True, False)


def test_a_process_that_never_read_the_clinic_keeps_no_page_either(monkeypatch):
    monkeypatch.setattr(practice, "_last_known", None)
    execute("ALTER TABLE clinic_clinic RENAME COLUMN after_hours_phone TO of_tomorrow")

    answer = Client(raise_request_exception=False).get("/about/")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (500, "no-store")
