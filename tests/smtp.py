"""A real mail server on loopback that does as it is told."""

import asyncio
import email
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from email.policy import default

from aiosmtpd.controller import Controller


class MailServer:
    """Keeps what arrives. `answers` maps a recipient to the reply that it gets instead of "250 OK"."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []
        self._read: list[Message] = []
        self.answers: dict[str, str] = {}
        self.after_data: Callable[[bytes], str | None] = lambda content: None
        self.arrived = threading.Event()
        self.port = 0
        self.transports: set[asyncio.Transport] = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.transports.add(server.transport)
        if (answer := self.answers.get(address, "250 OK")) != "250 OK":
            return answer
        envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        self.contents.append(envelope.content)
        self.arrived.set()
        answer = self.after_data(envelope.content)
        if answer == "hang up":
            session.loop.call_soon(server.transport.abort)
            return "421 gone"
        return answer or "250 OK"

    async def hang_up(self) -> None:
        """Close what is open: with its loop gone, a connection would be closed by nobody."""
        for transport in self.transports:
            transport.abort()
        self.transports.clear()
        await asyncio.sleep(0)  # Aborting closes the socket in the loop's next turn.
        await asyncio.sleep(0)

    @property
    def mails(self) -> list[Message]:
        """What has arrived. It is parsed here: no mail server does that while others wait to be heard."""
        new = self.contents[len(self._read) :]
        self._read += [email.message_from_bytes(content, policy=default) for content in new]
        return self._read

    def to(self) -> Counter[str]:
        """How many mails each recipient got."""
        return Counter(str(mail["To"]) for mail in self.mails)

    def ids(self) -> Counter[str]:
        return Counter(str(mail["Message-ID"]) for mail in self.mails)


@contextmanager
def running(server: MailServer | None = None, port: int = 0, **how):
    """A server that listens; `how` goes to aiosmtpd's SMTP, like authenticator=…"""
    server = server or MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=port or free_port(), **how)
    controller.start()
    server.port = controller.port
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.hang_up(), controller.loop).result(10)
        controller.stop()


@contextmanager
def dripping(at: bytes) -> Iterator["Dripping"]:
    """
    A server that says what comes `at` its greeting (b""), a command, or the end of a mail (b".") a letter at a time.

    For about five seconds: whoever reads on for longer than that hears the whole of it. It keeps the mails that it got.
    """
    mails: list[bytes] = []
    is_over, listener = threading.Event(), socket.create_server(("127.0.0.1", 0))

    def say(connection: socket.socket, words: bytes, slowly: bool) -> None:
        if slowly:
            for letter in words[:4] + b"." * 50:
                is_over.wait(0.1)
                connection.sendall(bytes([letter]))
            words = b"\r\n"
        connection.sendall(words)

    def talk(connection: socket.socket) -> None:
        say(connection, b"220 ready\r\n", at == b"")
        lines, mail = connection.makefile("rb"), None
        for line in lines:
            if mail is not None and line != b".\r\n":
                mail.append(line)
            elif mail is not None:
                mails.append(b"".join(mail))
                mail = None
                say(connection, b"250 OK\r\n", at == b".")
            elif line.upper().startswith(b"DATA"):
                mail = []
                say(connection, b"354 go on\r\n", at == b"DATA")
            else:
                say(connection, b"250 OK\r\n", at != b"" and line.upper().startswith(at))

    def serve() -> None:
        while not is_over.is_set():
            with suppress(OSError):
                connection, _address = listener.accept()
                with connection:
                    talk(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Dripping(mails, listener.getsockname()[1])
    finally:
        is_over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@dataclass
class Dripping:
    mails: list[bytes]
    port: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
