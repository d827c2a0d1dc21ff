"""While all usual threads of the site are stuck, it still says that it is up and shows what it has."""

import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from selectors import DefaultSelector
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import connection
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

from appointments.public import proofs
from clinic.server import gunicorn_conf, spare_threads
from tests import make
from tests.bench import client, pages, servers
from tests.racing import held
from tests.workers import eventually

KEPT = "/privacy/"  # It says nothing of schedules, so that it can be made anew, too.
QUICK = ("/livez", "/static/css/site.css", KEPT)


def status(port: int, path: str, **headers: str) -> int:
    """The status of an answer over a connection of its own."""
    return int(next(client.send(port, [client.get(path, port, **headers)])).split()[1])


def sessions(which: str) -> int:
    """How many there are of this database, but for our own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"  # noqa: S608  (words of ours)
            " AND pid <> pg_backend_pid()"
            f" AND {which}"
        )
        return cursor.fetchone()[0]


def waiting() -> int:
    """How many connections of the site wait for a lock."""
    return sessions("wait_event_type = 'Lock'")


def all_processes_have_begun() -> bool:
    """Each reads the practice once before it takes requests; the first would take them all."""
    return sessions("query LIKE '%clinic_sociallink%'") >= servers.PROCESSES


def test_gunicorn_loads_it_before_django_is_set_up():
    load = [sys.executable, "-c", f"import {gunicorn_conf.worker_class.rpartition('.')[0]}"]

    assert subprocess.run(load, cwd=settings.BASE_DIR, env={"PATH": os.environ["PATH"]}).returncode == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.real_time
def test_it_is_up_and_shows_its_pages_while_every_thread_waits():
    pages.fill()
    inquiry = make.inquiry()
    slow = f"{inquiry.own_page_url()}times/"
    proved = f"{proofs.cookie()}={proofs.signed(inquiry, proofs.SENT)}"
    everybody = servers.PROCESSES * (gunicorn_conf.threads + spare_threads.MORE_THREADS)
    patient = "-c lock_timeout=60s -c statement_timeout=60s"
    with servers.site(database_options=patient) as site, ThreadPoolExecutor(8 * everybody) as people:
        asked = []

        def all_wait() -> bool:
            """The kernel says which process gets a connection: more come until each has its share."""
            if len(asked) < 8 * everybody:
                asked.append(people.submit(status, site.port, slow, Cookie=proved))
            return waiting() == everybody

        with held(inquiry) as other:
            other.execute("LOCK TABLE appointments_schedule")
            assert eventually(all_processes_have_begun, 60)
            before = eventually(all_wait, 60)
            quick = {path: {status(site.port, path) for _ in range(8)} for path in QUICK}
            after = waiting()
        slow_ones = {each.result(60) for each in asked}

    assert (before, after) == (True, everybody)
    assert quick == {path: {200} for path in QUICK}
    assert slow_ones == {200}


class Stuck(spare_threads.Worker):
    """A process whose one usual thread waits until it may end; `answered` says by which threads each path was."""

    def __init__(self):
        config = Config()
        config.set("threads", 1)
        super().__init__(1, os.getpid(), [], None, 30, config, None)
        self.wsgi, self.answered, self.may_end = None, {}, threading.Event()
        self.tpool, self.poller = self.get_thread_pool(), DefaultSelector()
        self.method_queue.init()
        self.opened: list[socket.socket] = []

    def handle(self, conn):
        if conn.path.startswith(SLOW):
            assert self.may_end.wait(30)
        self.answered[conn.path] = conn.threads
        return False

    def asked(self, path: str, *, is_read: bool = False) -> None:
        """`is_read`: together with what was asked before, so that it is not at the socket any longer."""
        ours, theirs = socket.socketpair()
        self.opened += ours, theirs
        said, parser = f"GET {path} HTTP/1.1\r\n\r\n".encode(), RequestParser(self.cfg, ours, None)
        if is_read:
            parser.unreader.unread(said)
        else:
            theirs.sendall(said)
        self.enqueue_req(SimpleNamespace(path=path, sock=ours, parser=parser, close=lambda graceful=False: None))

    def answers(self, *paths: str) -> bool:
        """Whether all of them are answered once the main loop has come round a few times."""

        def are_answered() -> bool:
            self.notify()
            self.method_queue.run_callbacks(None)
            return self.answered.keys() == set(paths)

        return eventually(are_answered, 30)


SLOW = "/appointments/8Yk3Hq/times/"


@pytest.fixture
def stuck():
    worker = Stuck()
    worker.asked(SLOW)
    yield worker
    worker.may_end.set()
    for threads in (worker.tpool, worker.for_livez, worker.for_kept, worker.for_others):
        threads.shutdown()
    for each in (worker.poller, worker.method_queue, worker.tmp, *worker.opened):
        each.close()


def test_those_who_come_just_before_all_are_stuck_are_answered_by_others(stuck):
    for path in (*QUICK, "/admin/"):
        stuck.asked(path)

    assert stuck.answers(*QUICK, "/admin/")
    assert stuck.answered == {
        "/livez": stuck.for_livez,
        "/static/css/site.css": stuck.for_kept,
        KEPT: stuck.for_kept,
        "/admin/": stuck.for_others,
    }


def test_nobody_stands_in_line_for_a_second_because_nothing_else_happens(stuck, monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(stuck.poller, "select", lambda timeout: waits.append(timeout) or [])
    stuck.moved_at = float("inf")

    stuck.wait_for_and_dispatch_events(1.0)
    stuck.asked("/admin/")
    stuck.wait_for_and_dispatch_events(1.0)

    assert waits == [1.0, spare_threads.STUCK_AFTER]


def test_they_are_also_where_they_came_with_what_was_asked_before(stuck):
    stuck.moved_at = float("-inf")
    for path in QUICK:
        stuck.asked(path, is_read=True)

    assert stuck.answers(*QUICK)


def test_who_waits_while_all_are_stuck_is_served_by_whoever_is_free_first(stuck):
    stuck.moved_at = float("-inf")
    slow_ones = [f"{SLOW}{number}" for number in range(spare_threads.MORE_THREADS)]
    for path in (*slow_ones, "/admin/", "/admin/login/"):
        stuck.asked(path)
    waited = len(stuck.waiting)
    stuck.may_end.set()

    assert stuck.answers(SLOW, *slow_ones, "/admin/", "/admin/login/")
    assert (waited, stuck.taken.total()) == (2, 0)


def test_a_quiet_process_has_not_stuck_when_many_come_at_once(stuck, monkeypatch):
    stuck.may_end.set()
    assert eventually(lambda: stuck.answers(SLOW) and not stuck.taken.total())
    stuck.moved_at = float("-inf")
    monkeypatch.setattr(spare_threads, "STUCK_AFTER", 1_000)

    for path in QUICK:
        stuck.asked(path)

    assert stuck.answers(SLOW, *QUICK)
    assert set(stuck.answered.values()) == {stuck.tpool}


def test_nobody_is_sorted_while_the_usual_threads_come_to_an_end(stuck, monkeypatch):
    monkeypatch.setattr(spare_threads, "STUCK_AFTER", 1_000)
    for path in QUICK:
        stuck.asked(path)
    stuck.may_end.set()

    assert stuck.answers(SLOW, *QUICK)
    assert set(stuck.answered.values()) == {stuck.tpool}


def path_asked(sock: socket.socket) -> str | None:
    head = spare_threads._head(SimpleNamespace(sock=sock, parser=None))
    return None if head is None else spare_threads._path(head)


@pytest.mark.parametrize(
    ("said", "path"),
    [
        (b"GET /livez HTTP/1.1\r\nHost: clinic.example\r\n\r\n", "/livez"),
        (b"HEAD / HTTP/1.0\r\n\r\n", "/"),
        (b"GET /livez HTTP/1.1\r\nHost: clinic.example\r\n", ""),
        (b"GET /?a=b HTTP/1.1\r\nHost: clinic.example\r\n\r\n", ""),
        (b"POST / HTTP/1.1\r\nHost: clinic.example\r\n\r\n", ""),
        (b"GET / HTTP/1.1\r\n\r\nGET /admin/ HTTP/1.1\r\n\r\n", "/"),
        (b"\x16\x03\x01", ""),
        (b"", None),
    ],
    ids=lambda each: repr(each)[:40],
)
def test_what_is_asked_is_read_without_taking_it_from_the_socket(said, path):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(said)

        assert path_asked(ours) == path
        if said:
            assert ours.recv(1000) == said


def test_a_client_that_has_hung_up_asks_for_nothing():
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours:
        assert path_asked(ours) == ""
