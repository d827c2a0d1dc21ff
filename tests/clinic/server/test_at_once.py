"""Kept pages are answered in the main loop of a process, and nothing in it waits for anything."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from selectors import EVENT_READ, DefaultSelector

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn

from clinic.server import counters, spare_threads
from clinic.server.at_once import in_threads_only
from clinic.server.gunicorn_log import GunicornLogger
from clinic.server.page_store import PageStore
from tests.bench import client, pages, servers
from tests.workers import eventually

HOST = "127.0.0.1:8000"

pytestmark = pytest.mark.real_time


def head(line: str, *more: str) -> bytes:
    return "\r\n".join((f"{line} HTTP/1.1", f"Host: {HOST}", *more, "", "")).encode()


ABOUT = head("GET /about/")


class Process(spare_threads.Worker):
    """A process with one usual thread and a site of one page. `by` says whose thread each request was answered in."""

    def __init__(self) -> None:
        config = Config()
        config.set("threads", 1)
        super().__init__(1, 0, [], None, 30, config, GunicornLogger(config))
        self.body, self.words, self.by = b"Our words.", 1, []
        self.tpool, self.poller = self.get_thread_pool(), DefaultSelector()
        self.method_queue.init()
        self.poller.register(self.method_queue.fileno(), EVENT_READ, self.method_queue.run_callbacks)
        self.store = PageStore(in_threads_only(self.django), f"http://{HOST}", in_threads_only(lambda: self.words))
        self.visitors: list[Visitor] = []

    def wsgi(self, environ, start_response):
        answer = self.store(environ, start_response)
        self.by.append("main loop" if threading.current_thread() is threading.main_thread() else "thread")
        return answer

    def django(self, environ, start_response):
        environ["wsgi.input"].read()
        etag = f'"{self.words}"'
        is_known = environ.get("HTTP_IF_NONE_MATCH") == etag
        body = b"" if is_known else self.body
        status = "304 Not Modified" if is_known else "200 OK"
        start_response(status, [("Content-Length", str(len(body))), ("ETag", etag), ("X-Frame-Options", "DENY")])
        return [body]

    def visited(self) -> "Visitor":
        self.visitors.append(Visitor(self))
        return self.visitors[-1]

    def goes_on(self) -> None:
        self.wait_for_and_dispatch_events(timeout=0.005)
        self.murder_pending()

    def lets_go(self) -> bool:
        """Whether it ends all connections."""

        def has_let_go() -> bool:
            self.goes_on()
            return (self.nr_conns, len(self.keepalived_conns)) == (0, 0)

        return eventually(has_let_go, 30)

    def ends(self) -> None:
        for visitor in self.visitors:
            visitor.sock.close()
            visitor.theirs.close()
        for threads in (self.tpool, self.for_livez, self.for_kept, self.for_others):
            threads.shutdown()
        for each in (self.poller, self.method_queue, self.tmp):
            each.close()


class Visitor:
    """Who has a connection of their own, over which they ask one page after another."""

    def __init__(self, process: Process):
        self.process, (self.theirs, self.sock) = process, socket.socketpair()
        self.theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.sock.setblocking(False)
        process.nr_conns += 1
        process.enqueue_req(TConn(process.cfg, self.theirs, ("127.0.0.1", 1), ("127.0.0.1", 8000)))

    def says(self, said: bytes) -> None:
        self.sock.sendall(said)

    def hears(self, answers: int = 1) -> list[bytes]:
        """So many answers, without their dates."""
        got, until = b"", time.monotonic() + 10
        while (found := self._answers(got)) is None or len(found) < answers:
            assert time.monotonic() < until, got[:500]
            self.process.goes_on()
            try:
                got += self.sock.recv(1 << 20)
            except BlockingIOError:
                continue
        return found

    def _answers(self, got: bytes) -> list[bytes] | None:
        found = []
        while got:
            start, ends, rest = got.partition(b"\r\n\r\n")
            length = client._length(start)
            if not ends or len(rest) < length:
                return None
            found.append(re.sub(rb"\r\nDate: [^\r]+", b"", start) + ends + rest[:length])
            got = rest[length:]
        return found

    def hears_the_end(self) -> bool:
        try:
            return self.sock.recv(1 << 20) == b""
        except BlockingIOError:
            return False

    def asks(self, said: bytes, answers: int = 1) -> list[bytes]:
        self.says(said)
        return self.hears(answers)


@pytest.fixture
def process() -> Iterator[Process]:
    process = Process()
    yield process
    process.ends()


@pytest.fixture
def visitor(process) -> Visitor:
    """Somebody who has read the page already, over the connection that they ask again by."""
    visitor = process.visited()
    visitor.asks(ABOUT)
    process.by.clear()
    return visitor


def test_a_page_that_is_kept_is_answered_in_the_main_loop_as_a_thread_does_it(process):
    visitor = process.visited()

    first, second = visitor.asks(ABOUT), visitor.asks(ABOUT)

    assert first == second
    assert process.by == ["thread", "main loop"]


def test_it_is_while_all_threads_are_stuck(process, visitor):
    may_end = threading.Event()
    stuck = [threads.submit(may_end.wait, 30) for threads in (process.tpool, process.for_kept, process.for_kept)]

    visitor.asks(ABOUT)
    may_end.set()

    assert process.by == ["main loop"]
    assert all(each.result() for each in stuck)


@pytest.mark.parametrize("words", [b"Our words.", b"Many words. " * 5_000], ids=["short", "long"])
def test_so_is_what_came_with_it_and_what_there_is_no_room_for_yet(process, visitor, words):
    process.body, process.words, process.store.next_look = words, 2, float("-inf")
    whole, may_end = visitor.asks(ABOUT), threading.Event()
    assert eventually(lambda: process.goes_on() or process.keepalived_conns)
    stuck = process.tpool.submit(may_end.wait, 30)
    process.taken[process.tpool], process.moved_at = 1, float("-inf")
    try:
        assert visitor.asks(ABOUT * 2, answers=2) == whole * 2
    finally:
        may_end.set()
    assert stuck.result()


@pytest.mark.parametrize(
    "said",
    [
        head("GET /admin/"),
        head("GET /about/?a=b"),
        head("GET /about/", "Content-Length: 2") + b"hi",
        head("GET /about/", "transfer-encoding: chunked") + b"2\r\nhi\r\n0\r\n\r\n",
        head("GET /privacy/"),
        head("GET /privacy/", "Connection: close"),
        head("GET /about/", "Accept-Encoding: gzip"),
        head("GET /about/", "If-Match: *"),
        head("POST /about/", "Content-Length: 2") + b"hi",
    ],
)
def test_what_takes_more_is_for_a_thread(process, visitor, said):
    [answer] = visitor.asks(said)

    assert answer.endswith(b"\r\n\r\nOur words.")
    assert process.by == ["thread"]


def test_newer_words_are_looked_for_and_asked_for_by_a_thread(process, visitor):
    process.words, process.store.next_look = 2, float("-inf")

    first, second = visitor.asks(ABOUT), visitor.asks(ABOUT)

    assert first == second
    assert b'ETag: "2"' in first[0]
    assert process.by == ["thread", "main loop"]


def test_who_has_the_page_hears_so_first_by_a_thread_and_then_at_once(process, visitor):
    known = head("GET /about/", 'If-None-Match: "1"')

    first, second = visitor.asks(known), visitor.asks(known)

    assert first == second
    assert first[0].startswith(b"HTTP/1.1 304")
    assert process.by == ["thread", "main loop"]


def test_who_is_answered_by_a_thread_after_all_is_counted_once(process, visitor):
    before = counters.total(counters.Count.STORE_ASKED)
    visitor.asks(head("GET /about/", 'If-None-Match: "1"'))

    assert counters.total(counters.Count.STORE_ASKED) == before + 1


def test_the_last_connection_that_is_kept_is_kept_as_by_a_thread(process, visitor):
    process.max_keepalived = 1

    assert b"\r\nConnection: keep-alive\r\n" in visitor.asks(ABOUT)[0]


def test_those_who_ask_twice_at_once_hear_both_in_turn(process, visitor):
    known = head("GET /about/", 'If-None-Match: "1"')

    answers = visitor.asks(ABOUT + known + ABOUT, answers=3)

    assert [answer.split()[1] for answer in answers] == [b"200", b"304", b"200"]


def test_what_is_no_request_is_refused_and_logged_by_a_thread(process, visitor, caplog):
    [answer] = visitor.asks(b"GET /about/ HTTP/1.1\r\nHost: a\r\n<b>: x\r\n\r\n" + ABOUT)

    assert answer.startswith(b"HTTP/1.1 400")
    assert "MainThread" not in [record.threadName for record in caplog.records]
    assert len(caplog.records) == 1
    visitor.sock.close()
    assert process.lets_go()


def test_nobody_waits_for_who_does_not_listen(process, visitor):
    process.body, process.words, process.store.next_look = b"Many words. " * 5_000, 2, float("-inf")
    [whole] = visitor.asks(ABOUT)
    other, known = process.visited(), head("GET /about/", 'If-None-Match: "2"')
    is_known = other.asks(known)
    process.by.clear()

    visitor.says(ABOUT)
    process.goes_on()
    assert process.taken.total() == 0
    assert other.asks(known) == is_known
    assert visitor.hears() == [whole]
    assert process.by == ["main loop", "main loop"]


def test_who_hangs_up_is_let_go(process, visitor):
    visitor.says(ABOUT)
    visitor.sock.shutdown(socket.SHUT_RDWR)
    visitor.sock.close()

    assert process.lets_go()


def test_who_asks_for_the_last_time_is_let_go(process, visitor):
    visitor.asks(head("GET /about/", "Connection: close"))
    visitor.sock.close()

    assert process.lets_go()
    assert process.by == ["main loop"]


@pytest.mark.django_db(transaction=True)
def test_the_site_says_the_same_again_over_one_connection():
    pages.fill()
    with servers.site() as site:
        for path in (*pages.PAGES.values(), "/privacy/", "/robots.txt"):
            for encoding in ("gzip", "identity"):
                asked = [client.get(path, site.port, **{"Accept-Encoding": encoding})] * 4
                said = {
                    re.sub(rb"\r\nDate: [^\r]+", b"", each) for each in client.send(site.port, asked, connections=1)
                }

                assert [each.split()[1] for each in said] == [b"200"]
