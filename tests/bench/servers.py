"""The servers that are compared, each as production runs it: the site, Django's floor, and nginx where there is one."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from clinic.local import localdb
from tests.bench import client

TICKS = os.sysconf("SC_CLK_TCK")
PROCESSES, THREADS = 2, 4


@dataclass
class Server:
    """A server with its processes, on a port of this machine."""

    process: subprocess.Popen
    port: int
    # time.perf_counter() when it was started.
    began: float

    @property
    def pids(self) -> list[int]:
        """The process and its children: gunicorn's and nginx's workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def cpu(self) -> float:
        """Seconds of CPU that its processes have taken so far."""
        return sum(_cpu(pid) for pid in self.pids)

    def pss(self) -> float:
        """MiB that its workers take, what they share counted in shares."""
        return sum(_pss(pid) for pid in self.pids[1:])


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _environment(port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "SECRET_KEY": settings.SECRET_KEY, "SITE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": localdb.url(connection.settings_dict), "ANY_DATABASE": "1",
        "PORT": str(port), "WEB_CONCURRENCY": str(PROCESSES),
    }  # fmt: skip


@cache
def _collect_static_files() -> None:
    """Once for all processes of a run of tests: a site that starts while another one collects would miss a file."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    settings.LOCAL_DIR.mkdir(exist_ok=True)  # A fresh clone has none, and Postgres run by root lies elsewhere.
    with open(settings.LOCAL_DIR / "collected", "a+") as collected:
        fcntl.flock(collected, fcntl.LOCK_EX)
        collected.seek(0)
        if collected.read() != run:
            subprocess.run(collect, cwd=settings.BASE_DIR, env=_environment(free_port()), check=True)
            collected.truncate(0)
            collected.write(run)


@contextmanager
def site(
    log: IO[bytes] | None = None, *, application: str = "clinic.wsgi", database_options: str = "", **variables: str
) -> Iterator[Server]:
    """
    The site as production runs it, on the bench's database; without a proxy in front. `log` gets what it logs.

    `variables` of its environment count before the usual ones, like PORT where one was there before.
    """
    port = int(variables.get("PORT") or free_port())
    environment = _environment(port) | variables
    if database_options:
        environment["DATABASE_URL"] += f"&options={quote(database_options)}"
    _collect_static_files()
    how = ["-c", "python:clinic.server.gunicorn_conf", *(["--log-level", "debug"] if log else []), application]
    with _gunicorn(how, environment, port, log) as server:
        yield server


@contextmanager
def floor() -> Iterator[Server]:
    """Django with one view that says hello and one that inserts a row (tests/bench/floor.py)."""
    port = free_port()
    how = ["-b", f"127.0.0.1:{port}", "-w", str(PROCESSES), "-k", "gthread", "--threads", str(THREADS)]
    with _gunicorn([*how, "tests.bench.floor:application"], _environment(port), port) as server:
        yield server


@contextmanager
def _gunicorn(
    arguments: list[str], environment: dict[str, str], port: int, log: IO[bytes] | None = None
) -> Iterator[Server]:
    command = [sys.executable, "-m", "gunicorn", "--log-level", "error", *arguments]
    with running(command, port, environment, log) as server:
        yield server


@contextmanager
def nginx(site: Server) -> Iterator[Server | None]:
    """A proxy that keeps the site's pages as they say, and serves one of them as a file; None where there is none."""
    if not shutil.which("nginx"):
        yield None
        return
    port = free_port()
    with TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103  (its workers are nobody, and read a page that everybody may)
        page = next(client.send(site.port, [client.get("/procedures/kyphoplasty/", site.port)]))
        Path(folder, "page").write_bytes(page.partition(b"\r\n\r\n")[2])
        template = Path(__file__).with_name("nginx.conf").read_text()
        conf = template.replace("FOLDER", folder).replace("SITE", str(site.port)).replace("PORT", str(port))
        Path(folder, "nginx.conf").write_text(conf)
        with running(["nginx", "-p", folder, "-c", f"{folder}/nginx.conf"], port, dict(os.environ)) as server:
            yield server


@contextmanager
def running(
    command: list[str], port: int, environment: dict[str, str], log: IO[bytes] | None = None,
    folder: Path = settings.BASE_DIR,
) -> Iterator[Server]:  # fmt: skip
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{command[2] if len(command) > 2 else command} did not start") from None
                time.sleep(0.02)
        yield Server(process, port, began)
    finally:
        process.terminate()
        process.wait(30)
