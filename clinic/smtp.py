"""
Django's SMTP backend, where `timeout` is for a whole delivery.

Sockets count it anew with each byte: a server that says one in a while keeps its client for ever. The worker's
transaction is open meanwhile, and the database ends one that idles for long (clinic/database_limits.py).
"""

import io
import smtplib
import time
from collections.abc import Sequence
from typing import Any

from django.core.mail.backends import smtp


class Unanswered(smtplib.SMTPException):
    """The server has the whole mail, and did not say in time whether it takes it: maybe it has arrived."""


class _Replies(io.RawIOBase):
    """What the server says, as long as there is time for it."""

    def __init__(self, connection: "_WithDeadline"):
        self.connection: Any = connection
        self.socket: Any = connection.sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.socket.settimeout(self.connection.left())
        return self.socket.recv_into(buffer)


class _WithDeadline(smtplib.SMTP):
    def __init__(self, *args: Any, timeout: float, **how: Any):
        self.begin(timeout)
        super().__init__(*args, **how | {"timeout": timeout})

    def begin(self, seconds: float) -> None:
        """Give the next delivery, or the greeting, so many seconds."""
        self.ends, self.replies = time.monotonic() + seconds, 0

    def left(self) -> float:
        """How many seconds are left. Raises TimeoutError."""
        if (left := self.ends - time.monotonic()) <= 0:
            raise TimeoutError("timed out")
        return left

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return super()._get_socket(host, port, self.left())  # type: ignore[misc]

    def send(self, s: Any) -> None:
        try:
            if self.sock:
                self.sock.settimeout(self.left())  # Python counts it once for all of what is sent.
        except TimeoutError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected("timed out") from error
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = io.BufferedReader(_Replies(self))
        self.replies += 1
        return super().getreply()

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.replies = 0
        try:
            return super().data(msg)
        except smtplib.SMTPServerDisconnected as error:
            if self.replies == 2 and isinstance(error.__context__, TimeoutError):
                raise Unanswered("the server took all of it, and did not say in time whether it delivers it") from error
            raise


class _WithDeadlineAndTLS(_WithDeadline, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """One deadline for opening a connection, and one for each delivery."""

    @property
    def connection_class(self) -> type[_WithDeadline]:
        return _WithDeadlineAndTLS if self.use_ssl else _WithDeadline

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        if self.connection:
            self.connection.begin(self.timeout)  # type: ignore[attr-defined]
        return super().send_messages(email_messages)
