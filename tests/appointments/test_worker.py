"""The worker as a process, and what it says while it waits."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from procrastinate.exceptions import ConnectorException

from appointments import worker as running
from clinic.local import localdb

SOCKET = ".s.PGSQL.5432"


def test_what_it_waits_for_is_said_once_until_it_is_something_else(monkeypatch, caplog):
    monkeypatch.setattr(running, "_waits_since", None)
    minutes = [running.ClockIsOff(f"The clock is {number} minutes ahead.") for number in (60, 59)]

    lost = ConnectorException()
    lost.__cause__ = psycopg.OperationalError("server closed the connection\nThis probably means…")

    for error in (*minutes, lost, OperationalError("away"), OperationalError("away"), minutes[1]):
        running._say_once(error)

    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.ERROR, "The worker does nothing until its clock is right: The clock is 60 minutes ahead."),
        (logging.WARNING, "The worker waits for its database: server closed the connection"),
        (logging.ERROR, "The worker does nothing until its clock is right: The clock is 59 minutes ahead."),
    ]


@pytest.mark.real_time
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_started_before_the_database_waits_for_it_and_says_so_once(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": settings.SECRET_KEY,
        "SITE_URL": settings.SITE_URL,
        "DATABASE_URL": localdb.url(connection.settings_dict | {"HOST": str(tmp_path)}),
        "ANY_DATABASE": "1",
    }
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "work"], cwd=settings.BASE_DIR, env=environment, text=True, stderr=subprocess.PIPE
    )
    try:
        said = []
        for line in worker.stderr:
            said.append(line)
            if "The database is away" in line:
                Path(tmp_path, SOCKET).symlink_to(Path(connection.settings_dict["HOST"], SOCKET))
            if "it has its database back" in line:
                break
        assert worker.poll() is None
    finally:
        worker.kill()
        worker.communicate()

    assert [sum(words in line for line in said) for words in ("is away", "waits for its database", "is back")] == [
        1,
        1,
        1,
    ]
