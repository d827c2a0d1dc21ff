"""The worker as a process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from clinic.local import localdb

pytestmark = [pytest.mark.real_time, pytest.mark.django_db(transaction=True)]
SOCKET = ".s.PGSQL.5432"


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
            if "The worker has its database back" in line:
                break
        assert worker.poll() is None
    finally:
        worker.kill()
        worker.communicate()

    assert [sum(words in line for line in said) for words in ("is away", "starts again after", "is back")] == [1, 1, 1]
