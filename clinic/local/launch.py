"""
The whole site on this machine, with one command: `make run`, `make demo` and `make serve`.

Starts the private Postgres (unless DATABASE_URL names another), brings it up to date, makes local accounts,
starts the server and a worker, and stops everything again, the database last.
"""

import errno
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from clinic import site_url
from clinic.local import localdb
from clinic.local.guardian import Guardian

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
# Ctrl-C, a polite kill, the terminal closed.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MODES = ("run", "demo", "serve")


def main(mode: str) -> None:
    began = time.monotonic()
    for how in ENDINGS:
        signal.signal(how, _leave)
    port = _free_port(os.environ.get("PORT", "8000"))
    _prepare_environment(mode, port)
    _refuse_production()
    database_is_ours = "DATABASE_URL" not in os.environ
    if database_is_ours:
        with step("Database up"):
            os.environ["DATABASE_URL"] = localdb.url(_private_database())
    with open(LOCAL / "preparing", "a") as gate:  # Two started at once on two ports would migrate at once.
        fcntl.flock(gate, fcntl.LOCK_EX)
        accounts = _prepare_site(mode, database_is_ours)
    guardian = Guardian(LOCAL / "postgres" if database_is_ours else None)
    children: list[subprocess.Popen[bytes]] = []
    try:
        with _undisturbed():
            server = guardian.watch(subprocess.Popen(_server_command(mode, port), cwd=ROOT, start_new_session=True))
            children.append(server)
            children.append(guardian.watch(_worker()))
        with step("Server up"):
            _wait_until_it_answers(server, port)
        print(f"\nThe site is at {os.environ['SITE_URL']} after {time.monotonic() - began:.1f} s. Ctrl-C stops it.")
        print(f"Staff sign in at {os.environ['SITE_URL']}/admin/ (kept in {LOCAL.name}/accounts.json):")
        for name, password in accounts.items():
            print(f"  {name:12} {password}")
        print(flush=True)
        while (ended := _ended(server)) is None:
            if (code := children[-1].poll()) is not None:
                print(f"The worker has ended ({_how(code)}). It is started again: mails wait for it.", flush=True)
                with _undisturbed():
                    children[-1] = guardian.watch(_worker())
        if ended:
            print(f"The server has ended ({_how(ended)}), and so does the site here.", flush=True)
        sys.exit(1 if ended else 0)
    finally:
        for child in reversed(children):
            _stop(child)
        guardian.dismiss()


def _private_database() -> dict[str, Any]:
    try:
        return localdb.ensure(LOCAL / "postgres")
    except RuntimeError as error:  # An account without a name, a full disk: Postgres says it.
        sys.exit(f"The private database did not start. {error}\nDATABASE_URL can name another.")


def _worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "manage.py", "work"], cwd=ROOT, start_new_session=True)


def _ended(server: subprocess.Popen[bytes]) -> int | None:
    """How the server ended, if it does within two seconds: as often a worker that can't live is started again."""
    with suppress(subprocess.TimeoutExpired):
        return server.wait(timeout=2)
    return None


def _how(code: int) -> str:
    return f"status {code}" if code >= 0 else signal.Signals(-code).name


def _leave(*_: object) -> None:
    """The first Ctrl-C stops everything; a second one, impatient, must not leave half of it running."""
    for how in ENDINGS:
        signal.signal(how, signal.SIG_IGN)
    # Not print(): the signal may have come in the middle of one, and that one holds its buffer.
    with suppress(OSError):  # The terminal was closed.
        os.write(sys.stdout.fileno(), b"\nStopping.\n")
    sys.exit(0)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hear a Ctrl-C only at the end of the block. In the middle, a process may run that nothing here could end yet."""
    heard: list[int] = []
    for how in ENDINGS:
        signal.signal(how, lambda number, _frame: heard.append(number))
    try:
        yield
    finally:
        for how in ENDINGS:
            signal.signal(how, _leave)
    if heard:
        _leave()


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print one line with the time the step took."""
    began = time.monotonic()
    yield
    print(f"{name:44} {time.monotonic() - began:5.1f} s", flush=True)


def _free_port(wanted: str) -> int:
    """The port as a number. Exits with one sentence when the text is no port, or the port is taken."""
    if not (wanted.isdecimal() and 0 < int(wanted) < 65536):
        sys.exit(f"PORT is {wanted!r}: it must be a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(wanted)))
        except OSError as error:
            why = "in use" if error.errno == errno.EADDRINUSE else "not allowed"
            sys.exit(f"Port {wanted} is {why}: stop what uses it, or choose another, for example PORT=8001 make run")
    return int(wanted)


def _prepare_environment(mode: str, port: int) -> None:
    for name in ("SECRET_KEY", "SITE_URL", "DATABASE_URL", "WEB_CONCURRENCY"):
        if os.environ.get(name) == "":  # Empty is unset: .env.example leaves some of them empty.
            del os.environ[name]
    try:
        LOCAL.mkdir(mode=0o700, exist_ok=True)
        secret = _secret_key()
    except OSError as error:
        sys.exit(f"Cannot write to {LOCAL}: {error.strerror}. Make the folder writable, or clone into one that is.")
    os.environ.setdefault("SECRET_KEY", secret)
    os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{port}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    os.environ["PORT"] = str(port)
    os.environ["DEBUG"] = "0" if mode == "serve" else "1"


def _secret_key() -> str:
    """This clone's key, made once. A file without one is what a start left that was killed while it wrote it."""
    with open(LOCAL / "preparing", "a") as gate:  # Two first starts at once would each make one.
        fcntl.flock(gate, fcntl.LOCK_EX)
        path = LOCAL / "secret_key"
        if not (path.exists() and path.read_text()):
            path.unlink(missing_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50))
        return path.read_text()


def _refuse_production() -> None:
    """Local accounts and a demo are for this machine: a production SITE_URL must not meet them."""
    try:
        is_local = site_url.read(os.environ["SITE_URL"]).is_local
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    if not is_local:
        sys.exit(
            f"SITE_URL is {os.environ['SITE_URL']}: this command makes local accounts, so it is for a loopback "
            "SITE_URL only. Production runs gunicorn -c python:clinic.server.gunicorn_conf clinic.wsgi"
        )


def _prepare_site(mode: str, database_is_ours: bool) -> dict[str, str]:
    """Bring the database up to date, in this process; return the local accounts with their passwords."""
    # Only here: how long Django takes to load is one of the steps that are told.
    import django  # noqa: PLC0415  (slow)
    from django.core.management import CommandError, call_command  # noqa: PLC0415  (slow)
    from django.db import OperationalError, connection  # noqa: PLC0415  (slow)

    with step("Code loaded"):
        try:
            django.setup()
        except ImproperlyConfigured as error:
            sys.exit(str(error))
    with step("Tables up to date"):
        try:
            # The private one is this clone's, also where a version before did not write it down.
            call_command("migrate", verbosity=0, claim=database_is_ours)
        except CommandError as error:
            sys.exit(str(error))
        except OperationalError as error:
            from clinic.postgres import outage  # noqa: PLC0415  (no settings before Django is set up)

            sys.exit(f"The database refuses: {outage.asked_once() or error}")
    with step("Content loaded"):
        call_command("load_content", verbosity=0)
    with step("Local accounts ready"):
        call_command("local_accounts", adopt=database_is_ours, verbosity=0)
        from clinic.local.kept_accounts import kept  # noqa: PLC0415  (no settings before Django is set up)

        accounts = kept()
    if mode == "demo":
        said = StringIO()
        with step("A working day of a fictional clinic"):
            call_command("demo", stdout=said)
        print(said.getvalue(), flush=True)
    if mode == "serve":
        with step("Static files collected and compressed"):
            call_command("collectstatic", interactive=False, verbosity=0)
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    return accounts


def _server_command(mode: str, port: int) -> list[str]:
    if mode == "serve":
        return [sys.executable, "-m", "gunicorn", "-c", "python:clinic.server.gunicorn_conf", "clinic.wsgi"]
    return [sys.executable, "manage.py", "runserver", "--skip-checks", f"127.0.0.1:{port}"]


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return  # It answered: what it says is its own matter.
        except OSError:
            if server.poll() is not None:
                sys.exit("The server stopped at once: what it printed above says why.")
            time.sleep(0.1)
    sys.exit("The server did not answer within 30 seconds.")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server's whole process group: it is a group of its own, so that Ctrl-C reaches only us."""
    for stop in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, stop)
            server.wait(timeout=25)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in MODES:
        sys.exit(f"Usage: python -m clinic.local.launch {'|'.join(MODES)}")
    main(sys.argv[1])
