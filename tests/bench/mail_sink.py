"""A mail server that takes everything and does little else: what is measured beside it is the site's worker."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Sink:
    """What has arrived: the bytes of each mail, and when, by time.monotonic(); `port` on this machine."""

    def __init__(self, port: int) -> None:
        self.contents: list[bytes] = []
        self.arrived: list[tuple[float, bytes]] = []
        self.port = port

    def to(self) -> Counter[bytes]:
        """How many mails each recipient got, by the mails' own headers."""
        return Counter(line for mail in self.contents for line in mail.split(b"\r\n") if line.startswith(b"To: "))


@contextmanager
def running(address: str = "127.0.0.1") -> Iterator[Sink]:
    """A sink that listens; each connection has a thread of its own."""
    with socket.create_server((address, 0), backlog=16) as listener:
        sink = Sink(listener.getsockname()[1])
        threading.Thread(target=_accept, args=(listener, sink), daemon=True).start()
        try:
            yield sink
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, sink: Sink) -> None:
    while True:
        try:
            connection, _address = listener.accept()
        except OSError:  # It is closed: the measuring is over.
            return
        threading.Thread(target=_talk, args=(connection, sink), daemon=True).start()


def _talk(connection: socket.socket, sink: Sink) -> None:
    """One conversation by RFC 5321; a mail ends with a line that holds a full stop alone."""
    # A worker may be killed in the middle.
    with connection, connection.makefile("rb") as lines, suppress(ConnectionError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"220 ready\r\n")
        for line in lines:
            command = line[:4].upper()
            if command == b"DATA":
                connection.sendall(b"354 go on\r\n")
                mail = b"".join(iter(lines.readline, b".\r\n"))
                sink.contents.append(mail)
                sink.arrived.append((time.monotonic(), mail))
            connection.sendall(b"221 bye\r\n" if command == b"QUIT" else b"250 OK\r\n")
            if command == b"QUIT":
                return
