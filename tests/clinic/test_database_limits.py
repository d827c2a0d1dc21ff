"""No statement of the site's waits for ever: what a connection may wait for comes with it."""

import threading
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from procrastinate.contrib.django import app

from appointments import tasks, worker
from appointments.inquiries import lifecycle
from appointments.models import Practitioner
from clinic import database_limits, email_url
from clinic.database_limits import COMMAND, NETWORK, NIGHT, WEB, PatientCommand
from clinic.server import newer_words
from tests import make

# They start nothing that takes long, or set limits for all that they start.
IMPATIENT = {
    "adopt",
    "break_glass",
    "check",
    "doctor",
    "local_accounts",
    "reset_second_factor",
    "sendtestemail",
    "share_static",
    "work",
}


def shown() -> dict[str, str]:
    """The limits of this thread's connection, as the database has them."""
    with connection.cursor() as cursor:
        return {name: cursor.execute(f"SHOW {name}").fetchone()[0] for name in WEB}


@pytest.fixture
def of_process(monkeypatch) -> Iterator[dict]:
    """The process' own OPTIONS: whatever becomes of them ends with the test."""
    of_process = connection.settings_dict["OPTIONS"]
    monkeypatch.setitem(of_process, "options", of_process["options"])
    yield of_process
    connection.close()
    connection.close_pool()
    monkeypatch.undo()


@pytest.mark.django_db
def test_a_connection_of_the_site_waits_for_nothing_longer_than_visitors_do():
    assert shown() == {"lock_timeout": "3s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "30s"}


def test_a_connection_notices_that_the_other_end_is_gone():
    asked = connection.get_connection_params()

    assert {name: asked.get(name) for name in NETWORK} == NETWORK


def test_what_the_operator_says_in_the_url_counts():
    said = database_limits.options(WEB, {"options": "-c lock_timeout=9s", "keepalives_idle": 60, "sslmode": "require"})

    assert said == NETWORK | {
        "options": "-c lock_timeout=3s -c statement_timeout=10s -c idle_in_transaction_session_timeout=30s"
        " -c lock_timeout=9s",
        "keepalives_idle": 60,
        "sslmode": "require",
    }


@pytest.mark.django_db(transaction=True)
def test_the_thread_that_looks_for_newer_words_gives_up_when_a_table_is_locked(of_process):
    of_process["options"] += " -c lock_timeout=50ms"
    connection.close()
    connection.close_pool()
    ended: list[object] = []

    def look() -> None:
        try:
            ended.append(newer_words.look())
        except OperationalError as error:
            ended.append(type(error.__cause__).__name__)
        finally:
            connection.close()

    thread = threading.Thread(target=look)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE clinic_announcement")
        thread.start()
        thread.join(30)

    assert ended == ["LockNotAvailable"]


@pytest.mark.django_db
def test_a_job_of_the_night_may_have_long_statements_and_no_other_job(monkeypatch):
    seen: list[dict[str, str]] = []
    monkeypatch.setattr(lifecycle, "auto_close_due", lambda: seen.append(shown()))
    monkeypatch.setattr(worker, "beat", lambda: seen.append(shown()))

    tasks.auto_close(0)
    tasks.heartbeat(0)

    assert seen == [NIGHT, WEB]
    periodic = app.periodic_registry.periodic_tasks.values()
    of_the_night = {each.task for each in periodic if each.cron != tasks.EVERY_MINUTE}
    assert {each.task for each in periodic if hasattr(each.task.func, "__wrapped__")} == of_the_night


@pytest.mark.django_db
def test_a_command_takes_as_long_as_it_takes_and_leaves_the_limits_as_they_were():
    seen: list[dict[str, str]] = []
    command = PatientCommand()
    command.handle = lambda **_: seen.append(shown())

    call_command(command)

    assert (seen, shown()) == ([COMMAND], WEB)


@pytest.mark.django_db(transaction=True)
def test_a_command_that_fails_says_why_and_not_that_its_transaction_is_over():
    def fail() -> None:
        with database_limits.lifted(), transaction.atomic():
            Practitioner.objects.get(pk=make.practitioner().pk)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert shown() == WEB


def test_each_command_of_ours_says_how_long_it_may_take():
    of_ours = {
        name: import_module(f"{folder.__name__}.{name}").Command
        for folder in map(
            import_module, (f"{app}.management.commands" for app in ("clinic", "procedures", "appointments"))
        )
        for _finder, name, _is_package in iter_modules(folder.__path__)
    }

    assert {name for name, command in of_ours.items() if not issubclass(command, PatientCommand)} == IMPATIENT
    assert "migrate" in of_ours


def test_a_mail_is_delivered_or_given_up_before_the_database_ends_the_workers_transaction():
    whole_delivery = email_url.mailers("smtp://mail.example", outbox=None)["default"]["OPTIONS"]["timeout"]

    assert (whole_delivery, WEB["idle_in_transaction_session_timeout"]) == (20, "30s")
