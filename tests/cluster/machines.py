"""
Three machines as plain processes, each with an address and a cable of its own, as deploy/cluster lays them out.

All three have a member of etcd, Patroni and Postgres; the first two a web group, a worker and HAProxy, too.
"""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from clinic.local import localdb, locks
from tests.cluster import missing
from tests.cluster.network import NETWORK, SWITCH, Place

ROOT = localdb.ROOT
TEMPLATES = ROOT / "deploy" / "cluster"
ADDRESSES = {"one": "198.18.14.1", "two": "198.18.14.2", "three": "198.18.14.3"}
# Where nginx stands, with a HAProxy of its own, and the harness.
FRONT = SWITCH
WITH_WEB = ("one", "two")
WEB_PORT = "8613"
# What the site's processes have in common, and the harness.
SITE = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "only for this cluster, long enough for production: 0123456789",
    "SITE_URL": "https://localhost",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "TRUSTED_PROXIES": FRONT,
    "WEB_CONCURRENCY": "2",
    "DJANGO_SETTINGS_MODULE": "tests.cluster.settings",
}
PASSWORDS = {
    f"{who}_PASSWORD": secrets.token_hex(16) for who in ("SUPERUSER", "REPLICATION", "REWIND", "PATRONI", "SITE")
}


class Programs:
    """Where programs are, and the account that those run as which refuse root."""

    def __init__(self, folder: Path):
        self.cluster = localdb.Cluster(folder)
        folder.parent.mkdir(exist_ok=True)
        # Each process that is started holds it, too, and so keeps others off for as long as it lives.
        self.lock = locks.lock_file(folder.with_suffix(".lock"))
        if not locks.locks_alone(self.lock):
            sys.exit("Another `make cluster` runs, or left its machines.")
        self.cluster.make_folders()
        self.own = self.cluster.own
        self.postgres = self.cluster.reachable_binaries()

    @property
    def data(self) -> list[Path]:
        """The folders of machines and nginx, of this trial or of one before."""
        return [*(self.own / name for name in (*ADDRESSES, "front")), self.cluster.home / "nginx"]

    def folder(self, name: str) -> Path:
        made = self.own / name
        made.mkdir(mode=0o700)
        if self.cluster.account:
            os.chown(made, self.cluster.account.pw_uid, self.cluster.account.pw_gid)
        return made

    def account(self) -> dict[str, Any]:
        found = self.cluster.account
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []} if found else {}


def filled_in(name: str, values: dict[str, str]) -> str:
    """A configuration of deploy/cluster, as envsubst fills it in."""
    text = (TEMPLATES / name).read_text()
    for each, value in values.items():
        text = text.replace(f"${{{each}}}", value)
    return text


def values(name: str, *, folder: str, binaries: str) -> dict[str, str]:
    """What stands in the gaps of a machine's configurations."""
    here = ADDRESSES.get(name, FRONT)
    return {
        "NAME": name, "HERE": here, "FOLDER": folder, "BIN": binaries, "NETWORK": NETWORK,
        "PRIMARY_HOST": here, "PRIMARY_PORT": "5000",
        **{each.upper(): address for each, address in ADDRESSES.items()},
        **{f"WEB_{each.upper()}": f"{ADDRESSES[each]}:{WEB_PORT}" for each in WITH_WEB},
        **PASSWORDS,
    }  # fmt: skip


def database_url(hosts: str) -> str:
    return f"postgresql://clinic:{PASSWORDS['SITE_PASSWORD']}@{hosts}/clinic"


# The two ways to the primary: HAProxy on the same machine, and libpq that tries all three.
BY_HAPROXY = f"{ADDRESSES['one']}:5000"
BY_HOSTS = ",".join(f"{address}:5432" for address in ADDRESSES.values())
WAYS = {"one": BY_HAPROXY, "two": BY_HOSTS}


class Machine:
    """The processes of one machine; `mails` is the port of a mail server."""

    def __init__(self, name: str, programs: Programs, mails: int):
        self.name, self.address, self.programs, self.mails = name, ADDRESSES.get(name, FRONT), programs, mails
        self.folder = programs.folder(name)
        self.place = Place.far(name, self.address) if name in ADDRESSES else Place.at_the_switch()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.values = values(name, folder=str(self.folder), binaries=str(programs.postgres))

    def write(self, name: str) -> str:
        """The path of a configuration that only the account of its program reads."""
        return self._private(name, filled_in(name, self.values))

    def _private(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        if account := self.programs.cluster.account:
            os.chown(path, account.pw_uid, account.pw_gid)
        return str(path)

    def start(self) -> None:
        self.start_database()
        self.start_site()

    def start_database(self) -> None:
        self._service("etcd", [missing.find("etcd"), "--config-file", self.write("etcd.yml")])
        self._service("patroni", [missing.find("patroni"), self.write("patroni.yml")])

    def start_site(self) -> None:
        if self.name not in WITH_WEB:
            return
        self.start_haproxy()
        variables = {
            **SITE, "EMAIL_URL": f"smtp://{FRONT}:{self.mails}", "BIND": self.address, "PORT": WEB_PORT,
            "DATABASE_URL": database_url(WAYS[self.name]),
        }  # fmt: skip
        gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:clinic.server.gunicorn_conf", "clinic.wsgi"]
        self._run("web", gunicorn, cwd=ROOT, env=variables)
        self._run("worker", [sys.executable, "manage.py", "work"], cwd=ROOT, env=variables)

    def stop_site(self) -> None:
        for name in {"web", "worker"} & self.running.keys():
            self.running[name].terminate()
            self.running.pop(name).wait(60)

    def start_haproxy(self) -> None:
        self._service("haproxy", [missing.find("haproxy"), "-db", "-f", self.write("haproxy.cfg")])

    @contextmanager
    def pgbouncer(self, *, ignores_options: bool) -> Iterator[None]:
        """A pooler before this machine's HAProxy, as deploy/cluster has it, or without its last line."""
        configuration = Path(self.write("pgbouncer.ini"))
        self._private("userlist.txt", f'"clinic" "{PASSWORDS["SITE_PASSWORD"]}"\n')
        if not ignores_options:
            lines = configuration.read_text().splitlines(keepends=True)
            configuration.write_text("".join(line for line in lines if not line.startswith("ignore_startup")))
        self._service("pgbouncer", [missing.find("pgbouncer"), str(configuration)])
        try:
            yield
        finally:
            self.running["pgbouncer"].kill()
            self.running.pop("pgbouncer").wait(10)

    def _service(self, name: str, command: list[str | None]) -> None:
        """What Debian starts as an account of its own."""
        environment = {"PATH": missing.PATHS, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        self._run(name, command, cwd=self.folder, env=environment, **self.programs.account())

    def _run(self, name: str, command: list[Any], **how: Any) -> None:
        with open(self.programs.cluster.home / f"{self.name}-{name}.log", "ab") as log, self.place.entered():
            self.running[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                pass_fds=[self.programs.lock.fileno()], **how,
            )  # fmt: skip

    def postgres(self) -> list[int]:
        """Its first process, which Patroni lets go of, and its children."""
        try:
            first = int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])
            if b"postgres" not in Path(f"/proc/{first}/cmdline").read_bytes():
                return []
        except (OSError, ValueError, IndexError):
            return []
        return [first, *descendants(first)]

    def processes(self) -> list[int]:
        """All of the machine's, parents before what they would start anew."""
        mine = [process.pid for process in self.running.values() if process.poll() is None]
        return [*self.postgres(), *mine, *(each for pid in mine for each in descendants(pid))]

    def send(self, how: signal.Signals, processes: list[int]) -> None:
        for pid in processes:
            with suppress(ProcessLookupError):
                os.kill(pid, how)

    def kill(self) -> None:
        """What a cut of its power leaves: nothing that runs."""
        while found := self.processes():
            self.send(signal.SIGKILL, found)
            for process in self.running.values():
                process.wait(10)


def descendants(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            yield child
            yield from descendants(child)
