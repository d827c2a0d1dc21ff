"""The site on a Postgres of its own, which a test may stop, freeze and kill: what happens to it happens to no other."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import psycopg
from django.db import connection

from clinic.local import localdb
from clinic.operations.backups import databases
from tests.bench import servers


class Postgres:
    """A cluster whose one database begins as a copy of the test's own."""

    def __init__(self, folder: Path):
        self.cluster = localdb.Cluster(folder)
        self.cluster.make_folders()
        self.socket = self.cluster.socket_folder()

    @property
    def url(self) -> str:
        """DATABASE_URL for a process of the site."""
        return localdb.url({"USER": localdb.NAME, "NAME": localdb.NAME, "HOST": str(self.socket)})

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.socket), user=localdb.NAME, dbname=localdb.NAME, autocommit=True, connect_timeout=5
        )

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a statement returns, on a connection of its own."""
        with self.connect() as mine:
            cursor = mine.execute(statement, values)
            return cursor.fetchall() if cursor.description is not None else []

    def start(self) -> None:
        self.cluster.start(self.socket, durable=True, is_alone=True)

    def stop(self) -> None:
        """End it as an operator does: what is under way is taken back."""
        self.cluster.stop()

    def kill(self) -> None:
        """End all its processes as a lack of memory does, without a word to anybody."""
        self._signal(signal.SIGKILL)

    def freeze(self) -> None:
        """Let it be silent, with its sockets open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, how: signal.Signals) -> None:
        """To its first process before the others, which it would replace."""
        first = int((self.cluster.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, how)

    def fill(self, name: str = "") -> None:
        """Copy a database of the tests' server: the test's own, with all that was committed, or another by name."""
        ours = connection.settings_dict
        from_ours = [databases.program("pg_dump"), "-h", ours["HOST"], "-U", ours["USER"], "--no-owner", "--no-acl"]
        into = [databases.program("psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-h", str(self.socket), "-U", localdb.NAME]
        with subprocess.Popen([*from_ours, name or ours["NAME"]], stdout=subprocess.PIPE) as dump:
            subprocess.run([*into, localdb.NAME], stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True)
        assert dump.returncode == 0


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A running cluster with a copy of the test's database; it is gone after the block, however that ends."""
    with TemporaryDirectory() as folder:
        own = Postgres(Path(folder, "pg"))
        try:
            own.start()
            own.fill()
            yield own
        finally:
            with suppress(OSError, IndexError):
                own.thaw()
            own.stop()
            shutil.rmtree(own.cluster.home)


@contextmanager
def site(own: Postgres, log: IO[bytes] | None = None, **environment: str) -> Iterator[servers.Server]:
    """The site as production runs it, on this cluster; `environment` adds variables, like WEB_CONCURRENCY="1"."""
    with servers.site(log, DATABASE_URL=own.url, **environment) as server:
        yield server


def eventually(true: Any, seconds: float = 60) -> float:
    """Seconds until it became true; other processes are at work, and there is nothing to wait on."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + seconds, "It did not become true"
        time.sleep(0.05)
    return time.monotonic() - began
