"""
gunicorn's threaded worker, with a few threads more for the time in which all of the usual ones are stuck.

They may all wait for the database at the same moment. Whoever asks then whether the site is up, for a static file or
for a page that is kept in memory must not wait behind them: a proxy would take the site for dead, and restart it.

Few threads serve quickest, since Python computes in one of them at a time. So the others join only when it helps.
"""

import re
import socket
import time
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from selectors import EVENT_READ
from typing import Any

from gunicorn import util
from gunicorn.http import wsgi
from gunicorn.workers.gthread import DEFAULT_WORKER_DATA_TIMEOUT

from clinic.server import at_once, gunicorn_errors
from clinic.server.kept_pages import KEPT_BY_US
from clinic.server.main_loop import MainLoop, say_what_fits

FIRST_LINE = re.compile(rb"(?:GET|HEAD) (/[^ ?]*) HTTP/1\.[01]\r\n")
# A body, or another protocol: it may take waiting for the client.
HAS_MORE = re.compile(rb"\r\n(?:content-length|transfer-encoding|expect|upgrade):", re.IGNORECASE)
LONGEST_HEAD = 8192
STATIC = re.compile(r"/static/.+")
# With the usual ones (clinic.server.gunicorn_conf) they are eight.
MORE_THREADS = 6
# Seconds in which none of the usual threads has come to an end.
STUCK_AFTER = 0.05


class Worker(MainLoop):
    """Chooses by what is asked which other thread serves it, while the usual ones are stuck."""

    sockets: list[Any]  # gunicorn's own, which says no type.
    # It writes to the log, and whoever reads that may be slow.
    handle_error = at_once.in_threads_only(MainLoop.handle_error)

    def init_process(self) -> None:
        util.write_error, wsgi.create = gunicorn_errors.write_error, at_once.create
        super().init_process()

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """The usual threads, which gunicorn asks for, and the others beside them."""
        self.taken: Counter[ThreadPoolExecutor] = Counter()
        # When one of the usual threads came to an end, or the first of them began.
        self.moved_at = time.monotonic()
        # Those that the usual threads take one after another.
        self.in_line: deque[Future] = deque()
        # Those that wait for any thread while these and the others are stuck.
        self.waiting: deque[Any] = deque()
        # One for /livez alone: a page that is kept may have to be made anew.
        self.for_livez, self.for_kept = ThreadPoolExecutor(1), ThreadPoolExecutor(2)
        self.for_others = ThreadPoolExecutor(MORE_THREADS)
        return super().get_thread_pool()

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not (enabled or self.alive):
            self._take_who_has_reached_us()

    def _take_who_has_reached_us(self) -> None:
        """
        Answer also those that the kernel has let in and no process has taken yet.

        gunicorn keeps the port open until its last process ends, and hangs up on them then, whatever they have sent.
        """
        for listener in self.sockets:
            listener.setblocking(False)
            before = None
            while self.nr_conns != before:
                before = self.nr_conns
                self.accept(listener)
            listener.close()  # gunicorn has its own, where it only starts its processes anew.
        self.sockets = []

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Who asks again over a connection of theirs gets a kept page at once, whatever the threads do."""
        head = _head(conn) or b""
        if KEPT_BY_US.fullmatch(_path(head)) and not HAS_MORE.search(head):
            self.keepalived_conns.remove(conn)
            self._answer_at_once(conn, head)
        else:
            super().on_client_socket_readable(conn, client)

    def _answer_at_once(self, conn: Any, head: bytes) -> None:
        try:
            said, is_kept = at_once.answer(self.handle, conn)
        except at_once.NotAtOnce:
            conn.parser.unreader.unread(head)
            conn.parser.mesg = None  # As if nobody had read it yet.
            self.poller.unregister(conn.sock)
            self.enqueue_req(conn)
            return
        if is_kept and say_what_fits(conn.sock, said) and not said and not conn.parser.unreader.buf.getvalue():
            conn.set_timeout()
            self.keepalived_conns.append(conn)
        else:
            self.poller.unregister(conn.sock)
            self.say(said, is_kept, conn)

    def enqueue_req(self, conn: Any) -> None:
        if self.taken[self.tpool] < self.cfg.threads:
            self._submit(conn, self.tpool)
        elif self._are_stuck():
            self._sort(conn)
        else:  # They are busy. To look what is asked would take a third as long as to answer it.
            self.in_line.append(self._submit(conn, self.tpool))

    def _are_stuck(self) -> bool:
        return time.monotonic() >= self.moved_at + STUCK_AFTER

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """No longer than until the usual threads count as stuck, where somebody stands in line for them."""
        super().wait_for_and_dispatch_events(min(timeout, STUCK_AFTER) if self.in_line else timeout)

    def notify(self) -> None:
        """Once a second at least. Sorts those, too, who came just before the usual threads got stuck."""
        super().notify()
        if self.in_line and self._are_stuck():
            for each in self.in_line:
                each.cancel()  # Only what has not begun can be: it comes back to finish_request.
            self.in_line.clear()

    def _sort(self, conn: Any) -> None:
        if (head := _head(conn)) is None:
            until = time.monotonic() + DEFAULT_WORKER_DATA_TIMEOUT
            self.wait_for(conn, EVENT_READ, until, self._take_up)
        elif (asked := _path(head)) == "/livez":
            self._submit(conn, self.for_livez)
        elif KEPT_BY_US.fullmatch(asked) or STATIC.fullmatch(asked):
            self._submit(conn, self.for_kept)
        elif self.taken[self.for_others] < MORE_THREADS:
            self._submit(conn, self.for_others)
        else:
            self.waiting.append(conn)

    def _take_up(self, conn: Any) -> None:
        conn.data_ready = True
        self.enqueue_req(conn)

    def _submit(self, conn: Any, threads: ThreadPoolExecutor) -> Future:
        conn.threads = threads
        if threads is self.tpool and not self.taken[threads]:
            self.moved_at = time.monotonic()
        self.taken[threads] += 1
        done = threads.submit(self.handle, conn)
        done.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))
        return done

    def finish_request(self, conn: Any, fs: Any) -> None:
        threads = conn.threads
        self.taken[threads] -= 1
        if fs.cancelled():
            self._sort(conn)
            return
        if threads is self.tpool:
            self.moved_at = time.monotonic()
            while self.in_line and self.in_line[0].done():
                self.in_line.popleft()
        if self.waiting and threads in (self.tpool, self.for_others):
            self._submit(self.waiting.popleft(), threads)
        super().finish_request(conn, fs)


def _head(conn: Any) -> bytes | None:
    """
    The head of what the client asks, which stays where it is; None where it has said nothing yet.

    Nothing where it is not whole: nobody keeps a spare thread waiting for it.
    """
    # What came behind the request before is read already.
    if not (said := conn.parser.unreader.buf.getvalue() if conn.parser else b""):
        try:
            said = conn.sock.recv(LONGEST_HEAD, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError:
            return b""
    head, ends, _more = said.partition(b"\r\n\r\n")
    return head + ends if ends else b""


def _path(head: bytes) -> str:
    """What is asked for; nothing where that is no GET without a query."""
    first = FIRST_LINE.match(head)
    return first[1].decode("latin-1") if first else ""
