"""
gunicorn's threaded worker, whose main loop waits for no client.

gunicorn's hears out each client that it lets go, for two seconds: some that stay, and nobody else is served.
"""

import socket
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

HEARD_OUT = 2.0  # gunicorn's own number, in seconds.
LISTENS_WITHIN = 30.0


class MainLoop(ThreadWorker):
    """Lets clients wait where gunicorn lets those wait that have said nothing yet."""

    pending_conns: deque[Any]  # gunicorn's own, which says no type.

    def wait_for(self, conn: Any, event: int, until: float, act: Callable[[Any], None]) -> None:
        """Come back to a client once there is something to read or room to write; let it go then, if there is not."""
        conn.sock.setblocking(False)
        conn.timeout = until
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, event, partial(self._come_back, conn, act))

    def _come_back(self, conn: Any, act: Callable[[Any], None], sock: Any) -> None:
        self.poller.unregister(sock)
        self.pending_conns.remove(conn)
        act(conn)

    def murder_pending(self) -> None:
        """gunicorn looks for the first ones only, since its own all wait for as long."""
        if self.pending_conns:
            self.pending_conns = deque(sorted(self.pending_conns, key=lambda conn: conn.timeout))
            super().murder_pending()

    def finish_request(self, conn: Any, fs: Any) -> None:
        if fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            self._let_go(conn)

    def say(self, said: bytearray, is_kept: bool, conn: Any) -> None:
        """Say what the client has room for, and the rest once it has more."""
        is_there = say_what_fits(conn.sock, said)
        if said:
            self.wait_for(conn, EVENT_WRITE, time.monotonic() + LISTENS_WITHIN, partial(self.say, said, is_kept))
        elif is_there and is_kept:
            done: Future[bool] = Future()
            done.set_result(True)
            super().finish_request(conn, done)
        else:
            self._let_go(conn)

    def _let_go(self, conn: Any) -> None:
        """Hear what is still said before hanging up: else the kernel takes back what the client has not read yet."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:  # They have hung up.
            self._hang_up(conn)
        else:
            self.wait_for(conn, EVENT_READ, time.monotonic() + HEARD_OUT, self._hear_out)

    def _hear_out(self, conn: Any) -> None:
        try:
            said = conn.sock.recv(65536)
        except OSError:
            said = b""
        if said:
            self.wait_for(conn, EVENT_READ, conn.timeout, self._hear_out)
        else:
            self._hang_up(conn)

    def _hang_up(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()


def say_what_fits(sock: socket.socket, said: bytearray) -> bool:
    """Take from `said` what the client has room for, and all of it where nobody is there: then it is False."""
    try:
        del said[: sock.send(said, socket.MSG_DONTWAIT)]
    except BlockingIOError:
        pass
    except OSError:
        said.clear()
        return False
    return True
