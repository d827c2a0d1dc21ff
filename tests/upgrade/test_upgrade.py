"""A database of the version before: migrated, its pages open, the jobs that waited in it run, and it goes back."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql

from clinic.local import localdb
from tests import smtp
from tests.faults.people import LONG
from tests.upgrade import release

DUMP = Path(__file__).with_name("demo-of-0007.sql.gz")
NAME = "clinic_upgrade"
# Under the names that the version of the dump deferred them.
WAITING = ["send_mails", "minute", "rescue", "close_silent", "erase_old"]
# Pages that open for nobody, by the status of the answer: rows that the site writes or keeps, and what only posts.
NOT_ADDED = (
    "appointments_inquiry appointments_appointment appointments_email appointments_calltask appointments_accesslog "
    "clinic_clinic clinic_notice procrastinate_procrastinatejob appointments_doctorquestion"
).split()
NOT_DELETED = (
    *NOT_ADDED, "appointments_practitioner", "appointments_visittype", "procedures_page", "procedures_procedure",
    "procedures_fact",
)  # fmt: skip
SHUT = {
    403: {
        *(f"{row}_add" for row in NOT_ADDED),
        # The version before knew no questions for doctors: there is no row to delete.
        *(f"{row}_delete" for row in NOT_DELETED if row != "appointments_doctorquestion"),
        "auth_user_delete",
        "appointments_doctorquestion_away",  # Who walks is no practitioner.
        *("new_password", "invitation", "own_email_confirm"),  # Links that nobody was mailed.
    },
    # The visits of the dump are over: nobody gets a card for one.
    404: {"oidc", "oidc_callback", "appointments_inquiry_card"},
    405: {
        "logout",
        "today_mark",
        "day_note",
        "appointments_inquiry_spam",
        "appointments_inquiry_undo",
        "appointments_calltask_log",
        "procedures_page_go_back",
        "procedures_page_withdraw",
    },
}

pytestmark = pytest.mark.real_time


@pytest.fixture
def old(django_db_setup, django_db_blocker):
    """A database made from the dump, and jobs in it that wait: how psycopg, and how a process, reaches it."""
    with django_db_blocker.unblock():
        connection.ensure_connection()  # Only then is known where the private server listens.
    host = connection.settings_dict["OPTIONS"].get("host") or connection.settings_dict["HOST"]
    user = connection.settings_dict["USER"]
    server = {"host": host, "user": user, "autocommit": True}
    with psycopg.connect(dbname="postgres", **server) as postgres:
        postgres.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        postgres.execute(f"CREATE DATABASE {NAME}")
    with psycopg.connect(dbname=NAME, **server) as database:
        database.execute(gzip.decompress(DUMP.read_bytes()).decode())
    with psycopg.connect(dbname=NAME, **server) as database:
        # Fields that do not belong together, as nothing kept them from.
        database.execute(
            "UPDATE appointments_appointment SET reached_at = now(), cancelled_late = true, overbook_reason = 'x'"
            " WHERE status = 'booked' AND displaced_at IS NULL AND NOT overbooked"
        )
        for name in WAITING:
            arguments = "{}" if name == "send_mails" else '{"timestamp": 0}'
            database.execute(
                "INSERT INTO procrastinate_jobs (task_name, queue_name, args, status)"
                " VALUES (%s, 'default', %s, 'todo')",
                [f"appointments.tasks.{name}", arguments],
            )
        yield database, localdb.url({"HOST": host, "USER": user, "NAME": NAME})
    with psycopg.connect(dbname="postgres", **server) as postgres:
        postgres.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def run(url: str, *command: str, mail_port: int = 0) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": settings.SECRET_KEY,
        "SITE_URL": "http://127.0.0.1:8000",
        "DATABASE_URL": url,
        "ANY_DATABASE": "1",
        "DEBUG": "1",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        **({"POSTS": os.environ["POSTS"]} if LONG else {}),
    }
    ran = subprocess.run(
        [sys.executable, *command], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=600
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    return ran.stdout


def test_a_demo_of_the_version_before_is_migrated_every_page_opens_its_jobs_run_and_it_goes_back_and_forward(old):
    database, url = old
    mails = database.execute("SELECT count(*) FROM appointments_email WHERE state = 'waiting'").fetchone()[0]
    assert mails > 0

    run(url, "manage.py", "migrate", "--verbosity", "0")
    pages = json.loads(run(url, "-m", "tests.upgrade.walk"))
    with smtp.running() as server:
        run(url, "manage.py", "work", "--until-done", mail_port=server.port)

    assert {int(status): set(names) for status, names in pages["others"].items()} == SHUT
    assert pages["opened"] > 0
    ended = database.execute("SELECT task_name, status FROM procrastinate_jobs WHERE status <> 'succeeded'").fetchall()
    assert ended == []
    left = database.execute(
        "SELECT count(*) FROM appointments_email WHERE state = 'waiting' AND next_try_at <= now()"
    ).fetchone()[0]
    assert left == 0
    assert len(server.mails) > 0
    it_goes_back_and_forward_again(database, url)


def it_goes_back_and_forward_again(database: psycopg.Connection, url: str) -> None:
    """To the last release, as an operator may, with what was written since; nobody changes older migrations."""
    before = counted(database)
    if LONG:  # To the version of the dump.
        for app in ("appointments", "clinic"):
            run(url, "manage.py", "migrate", app, "0007", "--verbosity", "0")
        assert ("cancelled",) not in database.execute("SELECT DISTINCT state FROM appointments_email").fetchall()
        assert database.execute("SELECT count(*) FROM appointments_offer").fetchone()[0] > 0
    # In one process: to load all code and all migrations takes as long as a dozen of them do.
    back = [] if LONG else [[app, name] for app, name in release.MIGRATIONS.items()]
    code = "from django.core.management import call_command as call\n"
    run(url, "manage.py", "shell", "-v0", "-c", code + f"for to in {[*back, []]}: call('migrate', *to, verbosity=0)")

    assert counted(database) == before


def counted(database: psycopg.Connection) -> list[int]:
    """The rows that nobody may lose."""
    names = ("inquiry", "appointment", "email", "message", "calltask")
    tables = [sql.Identifier(f"appointments_{name}") for name in names]
    return [database.execute(sql.SQL("SELECT count(*) FROM {}").format(each)).fetchone()[0] for each in tables]
