"""The last release: its code out of the history, its processes, and somebody who uses the site by HTTP."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from clinic.local import localdb
from tests import migrated_database
from tests.bench import servers

RECORD = tomllib.loads(Path(__file__).with_name("last_release.toml").read_text())
COMMIT: str = RECORD["commit"]
# Of each app, the newest that it has.
MIGRATIONS: dict[str, str] = RECORD["migrations"]
PASSWORD = "a long one for a test"
PREPARE = f"""
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("load_content", verbosity=0)
get_user_model().objects.create_superuser("ada", "ada@maple.example", {PASSWORD!r})
"""


def git(*arguments: str) -> bytes:
    """What git says of our history; skips where there is none, or not this much of it."""
    ran = subprocess.run(["git", *arguments], cwd=settings.BASE_DIR, capture_output=True)
    if ran.returncode:
        pytest.skip(f"The last release is not in this copy's history: {ran.stderr.decode().strip()}")
    return ran.stdout


def code(folder: Path) -> Path:
    """The release's files, in this folder."""
    subprocess.run(["tar", "-x", "-C", folder], input=git("archive", COMMIT), check=True)
    return folder


@contextmanager
def database(*, is_migrated: bool) -> Iterator[str]:
    """The address of a database of its own; migrated by this code, or empty."""
    name = f"clinic_of_release_{os.getpid()}"  # Another suite may use the same server.
    connection.ensure_connection()
    known = connection.settings_dict
    host = known["OPTIONS"].get("host") or known["HOST"]
    template = f"TEMPLATE {migrated_database.ready()}" if is_migrated else ""
    with psycopg.connect(dbname="postgres", host=host, user=known["USER"], autocommit=True) as postgres:
        postgres.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        postgres.execute(f"CREATE DATABASE {name} {template}")
        try:
            yield localdb.url({"HOST": host, "USER": known["USER"], "NAME": name})
        finally:
            postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class Version:
    """One version of the site on a database, which runs as production does but for the collected files."""

    folder: Path
    database: str
    port: int = field(default_factory=servers.free_port)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": "/usr/bin:/bin", "DEBUG": "1", "SECRET_KEY": settings.SECRET_KEY, "DATABASE_URL": self.database,
            "ANY_DATABASE": "1", "SITE_URL": f"http://127.0.0.1:{self.port}", "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
        }  # fmt: skip

    def manage(self, *arguments: str) -> str:
        return self.run("manage.py", *arguments)

    def run(self, *command: str) -> str:
        ran = self.start(*command)
        said, _ = ran.communicate(timeout=600)
        assert ran.returncode == 0, said[-3000:]
        return said

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *command], cwd=self.folder, env=self.environment, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip

    @contextmanager
    def web(self) -> Iterator["Visitor"]:
        with servers.running([sys.executable, *WEB], self.port, self.environment, folder=self.folder):
            yield Visitor(self.port)


WEB = ("-m", "gunicorn", "--log-level", "error", "-c", "python:clinic.server.gunicorn_conf", "clinic.wsgi")


@dataclass
class Visitor:
    """Somebody at a browser that keeps cookies."""

    port: int
    browser: OpenerDirector = field(default_factory=lambda: build_opener(HTTPCookieProcessor(CookieJar())))

    def get(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        """The status and the words of the page where it ends; `data` is posted."""
        body = urlencode(data).encode() if data is not None else None
        try:
            with self.browser.open(f"http://127.0.0.1:{self.port}{path}", body, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def ask(self, name: str) -> tuple[int, str]:
        """Send the form, as its page wants it."""
        page = self.get("/appointments/")[1]
        first, second = re.search(r"(\d+)\s+plus\s+(\d+)", page).groups()  # type: ignore[union-attr]
        form = _hidden(page) | {
            "kind": "question", "name": name, "contact_by": "phone", "phone": "(212) 555-0123", "consent": "on",
            "message": "When can I garden again?", "sum": str(int(first) + int(second)),
        }  # fmt: skip
        return self.get("/appointments/", form)

    def sign_in(self) -> tuple[int, str]:
        form = _hidden(self.get("/admin/login/")[1]) | {"username": "ada", "password": PASSWORD}
        return self.get("/admin/login/?next=/admin/appointments/inquiry/", form)


def _hidden(page: str) -> dict[str, str]:
    inputs = re.findall(r'<input type="hidden"[^>]*>', page)
    named = [(re.search(r'name="([^"]+)"', each), re.search(r'value="([^"]*)"', each)) for each in inputs]
    return {name[1]: value[1] if value else "" for name, value in named if name}
