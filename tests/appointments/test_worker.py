"""The worker as a process."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.real_time


def test_a_worker_that_is_started_before_the_database_waits_for_it(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": settings.SECRET_KEY,
        "SITE_URL": settings.SITE_URL,
        "DATABASE_URL": f"postgresql://clinic@/clinic?host={tmp_path}",
    }
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "work"], cwd=settings.BASE_DIR, env=environment, text=True, stderr=subprocess.PIPE
    )
    try:
        said = [next(line for line in worker.stderr if "The worker starts again after" in line) for _ in range(2)]
        assert worker.poll() is None
    finally:
        worker.kill()
        worker.communicate()

    assert ["OperationalError" in line or "PoolTimeout" in line for line in said] == [True, True]
