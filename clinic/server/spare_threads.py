"""
gunicorn's threaded worker, with a few threads that only answer what waits for nobody.

All others may wait for the database at the same moment. Whoever asks then whether the site is up, for a static file or
for a page that is kept in memory must not wait behind them: a proxy would take the site for dead, and restart it.
"""

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import DEFAULT_WORKER_DATA_TIMEOUT, ThreadWorker

from clinic.server import gunicorn_errors
from clinic.server.kept_pages import KEPT_BY_US

FIRST_LINE = re.compile(rb"(?:GET|HEAD) (/[^ ?]*) HTTP/1\.[01]\r\n")
LONGEST_HEAD = 8192
STATIC = re.compile(r"/static/.+")


class Worker(ThreadWorker):
    """Hands a request to a spare thread if all of the others are taken and it is one for those."""

    sockets: list[Any]  # gunicorn's own, which says no type.

    def init_process(self) -> None:
        util.write_error = gunicorn_errors.write_error
        self.taken = 0
        # One for /livez alone: a page that is kept may have to be made anew.
        self.for_livez, self.for_kept = ThreadPoolExecutor(1), ThreadPoolExecutor(2)
        super().init_process()

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

    def enqueue_req(self, conn: Any) -> None:
        if self.taken < self.cfg.threads:
            self._submit(conn, self.tpool)
        elif (asked := _path(conn.sock)) is None:
            self._wait_for_words(conn)
        elif asked == "/livez":
            self._submit(conn, self.for_livez)
        elif KEPT_BY_US.fullmatch(asked) or STATIC.fullmatch(asked):
            self._submit(conn, self.for_kept)
        else:
            self._submit(conn, self.tpool)

    def _submit(self, conn: Any, threads: ThreadPoolExecutor) -> None:
        conn.threads = threads
        self.taken += threads is self.tpool
        done = threads.submit(self.handle, conn)
        done.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))

    def finish_request(self, conn: Any, fs: Any) -> None:
        self.taken -= conn.threads is self.tpool
        super().finish_request(conn, fs)

    def _wait_for_words(self, conn: Any) -> None:
        """Come back once the client has said something. gunicorn does so with those that a thread has waited for."""
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + DEFAULT_WORKER_DATA_TIMEOUT
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))


def _path(sock: socket.socket) -> str | None:
    """
    What the client asks for, which stays at the socket; None where it has said nothing yet.

    Nothing where that is no GET without a query, or its head is not whole: nobody keeps a spare thread waiting for it.
    """
    try:
        said = sock.recv(LONGEST_HEAD, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None
    except OSError:
        return ""
    first = FIRST_LINE.match(said) if b"\r\n\r\n" in said else None
    return first[1].decode("latin-1") if first else ""
