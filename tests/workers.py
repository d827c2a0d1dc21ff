"""Real worker processes on the tests' database."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from django.conf import settings
from django.db import connection

from clinic.local import localdb


class Listens(Protocol):
    """A mail server on this machine."""

    port: int


def start(
    server: Listens, *arguments: str, role: str = "", program: Sequence[str] = ("manage.py", "work")
) -> subprocess.Popen:
    """A worker; with a `role`, it connects to the database as that one."""
    database = connection.settings_dict | ({"USER": role} if role else {})
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": settings.SECRET_KEY,
        "SITE_URL": settings.SITE_URL,
        "DATABASE_URL": localdb.url(database),
        "ANY_DATABASE": "1",
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
    }
    return subprocess.Popen([sys.executable, *program, *arguments], cwd=settings.BASE_DIR, env=environment)


def eventually(true: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it becomes true: another process is at work, and there is nothing to wait on."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return False
