"""`make run` and `make serve` as somebody who has just cloned the site uses them."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import django
import pytest
from django.contrib.auth import get_user_model
from django.core import management
from django.db import OperationalError, connection

from clinic.local import launch as launching
from clinic.local import localdb
from clinic.models import SiteIdentity
from clinic.postgres import outage
from tests import migrated_database
from tests.clinic.local.conftest import cluster
from tests.faults.people import LONG
from tests.faults.site import Postgres
from tests.workers import eventually

pytestmark = pytest.mark.real_time


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def hear_ctrl_c() -> None:
    """A shell that runs the tests in the background has all that it starts ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def launch(clone: Path, mode: str, port: int, **environment: str) -> subprocess.Popen:
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return subprocess.Popen(
        [sys.executable, "-m", "clinic.local.launch", mode],
        cwd=clone, env=clean | {"PORT": str(port)} | environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=hear_ctrl_c,
    )  # fmt: skip


def database_is_up(clone: Path) -> bool:
    return (cluster(clone).data / "postmaster.pid").exists()


class Site:
    """The launcher, running."""

    def __init__(self, clone: Path, mode: str, **environment: str):
        self.clone, self.port = clone, free_port()
        self.process = launch(clone, mode, self.port, **environment)
        self.said = ""
        while "clinician " not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.body = answer.read()
        connection.close()
        return answer

    def stop(self, how: int) -> int:
        self.process.send_signal(how)
        self.process.send_signal(how)  # People press Ctrl-C twice.
        rest, _ = self.process.communicate(timeout=60)
        self.said += rest
        return self.process.returncode

    def accounts(self) -> dict[str, str]:
        return json.loads((self.clone / ".local" / "accounts.json").read_text())

    def database_is_up(self) -> bool:
        return database_is_up(self.clone)


@pytest.fixture(scope="module")
def prepared(files, tmp_path_factory, django_db_setup, django_db_blocker):
    """
    A clone in which no site has run, beside a cluster with all tables: to make these takes most of a first start.

    In the long form (make faults) there are none, as for somebody who has just cloned it.
    """
    clone = tmp_path_factory.mktemp("prepared")
    subprocess.run(["cp", "-a", f"{files}/.", clone], check=True)
    if not LONG:
        own = Postgres(clone / ".local" / "postgres")
        try:
            own.cluster.start(own.socket, durable=False, is_alone=True)
            with django_db_blocker.unblock():
                own.fill(migrated_database.ready())
        finally:
            own.stop()
    yield clone
    shutil.rmtree(cluster(clone).home, ignore_errors=True)


@pytest.fixture
def fresh(prepared, tmp_path):
    """A copy of it for one test."""
    subprocess.run(["cp", "-a", f"{prepared}/.", tmp_path], check=True)
    home = cluster(tmp_path).home
    if not home.exists() and cluster(prepared).home.exists():  # Root's are kept elsewhere.
        # The copy of the programs is the largest part, and nobody changes it.
        subprocess.run(["cp", "-al", cluster(prepared).home, home], check=True)
        shutil.rmtree(home / "nobody")
        subprocess.run(["cp", "-a", cluster(prepared).own, home / "nobody"], check=True)
    yield tmp_path
    shutil.rmtree(home, ignore_errors=True)


def test_stopped_in_the_middle_of_a_line_it_ends_as_it_was_told():
    in_the_middle = """
import io, os, signal, sys
from clinic.local import launch

class Terminal(io.RawIOBase):
    def writable(self): return True
    def fileno(self): return 1
    def write(self, text):
        os.kill(os.getpid(), signal.SIGTERM)
        return os.write(1, text)

signal.signal(signal.SIGTERM, launch._leave)
sys.stdout = io.TextIOWrapper(io.BufferedWriter(Terminal()))
print("The site is at", flush=True)
"""
    ended = subprocess.run([sys.executable, "-c", in_the_middle], check=False, capture_output=True, text=True)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Stopping." in ended.stdout


def test_serve_is_production_on_this_machine_also_with_the_database_gone(fresh):
    # One process: another one may be starting while the database goes, and has never read the number.
    site = Site(fresh, "serve", WEB_CONCURRENCY="1")
    try:
        home = site.get("/").body.decode()
        style = re.search(r"/static/css/site\.[0-9a-f]{12}\.css", home).group()
        assert "Example Spine Clinic" in home
        assert "Kyphoplasty" in home
        assert site.get(style).headers["Cache-Control"] == "max-age=315360000, public, immutable"
        assert site.get(style, **{"Accept-Encoding": "br"}).headers["Content-Encoding"] == "br"
        assert b"We can" in site.get("/nowhere/").body  # and not Django's page for developers
        assert eventually(lambda: site.get("/readyz").body == b"ok\n")  # The worker starts after the pages.
        assert "gunicorn" in site.said

        for step in ("Database up", "Tables up to date", "Content loaded", "Local accounts ready", "Server up"):
            assert re.search(rf"^{step} +\d+\.\d s$", site.said, re.MULTILINE), step
        assert all(f"{name:12} {password}" in site.said for name, password in site.accounts().items())
        assert len(set(site.accounts().values())) == 5
        assert (fresh / ".local" / "accounts.json").stat().st_mode & 0o077 == 0

        pages_say_that_the_database_is_gone_and_carry_the_phone_number(site)
    finally:
        code = site.stop(signal.SIGINT)
    assert code == 0
    with pytest.raises(ConnectionRefusedError):
        site.get("/livez")


def pages_say_that_the_database_is_gone_and_carry_the_phone_number(site: Site) -> None:
    os.kill(int((cluster(site.clone).data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGQUIT)

    assert eventually(lambda: site.get("/readyz").status == 503)  # Its processes end one after another.
    assert site.get("/livez").status == 200
    for path, status in (("/nowhere/", 404), ("/procedures/", 503)):
        answer = site.get(path)
        assert answer.status == status
        assert b"(212) 555-0100" in answer.body
        assert b"/static/css/site." in answer.body
    assert site.get("/", Host="evil.example").status == 400
    assert site.get("/readyz").status == 503


@pytest.mark.django_db(transaction=True)
def test_a_database_of_another_site_is_left_alone_in_one_sentence(clone):
    SiteIdentity.objects.update_or_create(pk=1, defaults={"name": "site maple.example"})

    said, _ = launch(clone, "run", free_port(), DATABASE_URL=localdb.url(connection.settings_dict)).communicate()

    assert "This database belongs to another site (site maple.example, and this is clone " in said
    assert "Traceback" not in said
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize("after", [0.001, 0.05, 0.15, 0.5, 1.0])
def test_stopped_while_it_starts_it_leaves_no_database_behind(clone, after):
    process = launch(clone, "run", free_port())
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=after)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert not database_is_up(clone)


def test_who_stops_it_while_a_process_starts_is_heard_once_that_one_is_known(monkeypatch):
    left = []
    monkeypatch.setattr(launching, "_leave", lambda *_: left.append("left"))
    before = {how: signal.getsignal(how) for how in launching.ENDINGS}
    try:
        with launching._undisturbed():
            signal.raise_signal(signal.SIGTERM)
            assert left == []
    finally:
        for how, handler in before.items():
            signal.signal(how, handler)

    assert left == ["left"]


def test_a_database_that_does_not_start_is_said_in_a_sentence(monkeypatch):
    def ensure(root):
        raise RuntimeError("initdb failed:\ninitdb: could not look up effective user ID 4321")

    monkeypatch.setattr(localdb, "ensure", ensure)

    with pytest.raises(SystemExit) as left:
        launching._private_database()

    assert left.value.code.splitlines() == [
        "The private database did not start. initdb failed:",
        "initdb: could not look up effective user ID 4321",
        "DATABASE_URL can name another.",
    ]


def processes_of(clone: Path) -> list[str]:
    """What runs in the clone's folder, or for it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(clone) in command or (process / "cwd").readlink() == clone:
                found.append(command)
    return found


def test_two_started_at_once_come_up_the_next_keeps_their_accounts_and_kill_minus_nine_of_it_leaves_nothing(fresh):
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda _: Site(fresh, "run"), range(2))
    try:
        accounts, stopped_with = first.accounts(), list[int]()
        pages = [site.get("/procedures/kyphoplasty/").status for site in (first, second)]
        stopped_with.append(first.stop(signal.SIGINT))
        page_of_the_other = second.get("/procedures/kyphoplasty/").status  # The database stays for it.
    finally:
        if first.process.poll() is None:
            first.stop(signal.SIGINT)
        stopped_with.append(second.stop(signal.SIGHUP))  # The terminal is closed.
    assert (pages, stopped_with, page_of_the_other, database_is_up(fresh)) == ([200, 200], [0, 0], 200, False)

    third = Site(fresh, "run")
    try:
        kept = third.accounts()
        page = third.get("/procedures/").body.decode()
    finally:
        third.process.kill()
        third.process.communicate()
    assert (kept, "Kyphoplasty" in page) == (accounts, True)
    assert eventually(lambda: not processes_of(fresh)), processes_of(fresh)
    assert not third.database_is_up()
    with pytest.raises(ConnectionRefusedError):
        third.get("/livez")


def test_a_worker_that_dies_is_started_again_and_a_server_that_dies_ends_the_site_both_said(fresh):
    def worker() -> int | None:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if b"manage.py\0work" in (process / "cmdline").read_bytes() and (process / "cwd").readlink() == fresh:
                    return int(process.name)
        return None

    site = Site(fresh, "run")
    try:
        killed = worker()
        os.kill(killed, signal.SIGKILL)
        assert eventually(lambda: worker() not in (killed, None))
        server = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children").read_text().split()
        os.kill(next(int(pid) for pid in server if b"runserver" in Path(f"/proc/{pid}/cmdline").read_bytes()), 9)
        said, _ = site.process.communicate(timeout=60)
    finally:
        if site.process.poll() is None:
            site.stop(signal.SIGTERM)
    assert "The worker has ended (SIGKILL). It is started again" in said
    assert "The server has ended (SIGKILL), and so does the site here." in said
    assert (site.process.returncode, site.database_is_up()) == (1, False)


def test_a_key_that_a_killed_start_left_empty_is_made_anew(clone, monkeypatch):
    (clone / ".local").mkdir()
    (clone / ".local" / "secret_key").touch()
    monkeypatch.setattr(launching, "LOCAL", clone / ".local")

    with ThreadPoolExecutor(8) as starts:
        keys = set(starts.map(lambda _: launching._secret_key(), range(8)))

    assert [len(key) > 50 for key in keys] == [True]
    assert (clone / ".local" / "secret_key").stat().st_mode & 0o077 == 0


def ask(clone: Path, *command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        command, cwd=clone, env=os.environ | environment, capture_output=True, text=True, timeout=60
    )  # fmt: skip


def test_a_port_in_use_is_one_clear_sentence(clone):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        ran = ask(clone, sys.executable, "-m", "clinic.local.launch", "run", PORT=port)

    assert ran.returncode == 1
    assert (
        ran.stderr == f"Port {port} is in use: stop what uses it, or choose another, for example PORT=8001 make run\n"
    )
    assert not (clone / ".local").exists()


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1", ""])
def test_a_port_that_is_none_is_one_clear_sentence(clone, port):
    ran = ask(clone, sys.executable, "-m", "clinic.local.launch", "run", PORT=port)

    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert "PORT" in ran.stderr


def test_a_folder_that_cannot_be_written_is_one_clear_sentence(clone):
    (clone / ".local").write_text("in the way")

    for command in (["./bootstrap.sh"], [sys.executable, "-m", "clinic.local.launch", "run"]):
        ran = ask(clone, *command, PORT=str(free_port()))
        assert ran.returncode == 1
        assert ran.stderr.startswith("Cannot write to ")
        assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("url", ["https://clinic.example", "ftp://x"])
def test_production_is_not_touched_and_told_so_in_one_sentence(clone, url):
    ran = ask(clone, sys.executable, "-m", "clinic.local.launch", "serve", SITE_URL=url, PORT=str(free_port()))

    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert ran.stderr.startswith("SITE_URL is ")
    assert ran.stdout == ""


def test_a_database_of_ones_own_that_is_away_is_one_clear_sentence(monkeypatch):
    def refused(*_, **__):
        raise OperationalError("couldn't get a connection after 3.00 sec")

    monkeypatch.setattr(django, "setup", lambda: None)
    monkeypatch.setattr(management, "call_command", refused)
    monkeypatch.setattr(outage, "asked_once", lambda: "Connection refused")

    with pytest.raises(SystemExit, match=r"^The database refuses: Connection refused$"):
        launching._prepare_site("run", database_is_ours=False)


def test_a_python_that_is_too_old_is_one_clear_sentence(clone):
    old = clone / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    ran = ask(clone, "make", "run", f"PYTHON={old}")

    assert ran.returncode != 0
    assert ran.stderr.startswith(f"The site needs Python 3.12 or newer with venv, and {old} is not.")
    assert not (clone / ".venv" / "bin").exists()
