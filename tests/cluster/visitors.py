"""Those who send something, and those who only read, each from an address of the network of their own."""

import itertools
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlencode

SENDERS, READERS = 6, 2
# A visitor who reads waits so long for a page, in seconds; who sends waits longer.
PATIENCE, PATIENCE_OF_SENDERS = 5, 20
BETWEEN = 0.25
PAGES = ("/", "/procedures/kyphoplasty/", "/appointments/", "/appointments/times/", "/procedures/kyphoplasty/recovery/")


@dataclass
class Sent:
    """One person's inquiry, which is sent again until it is acknowledged."""

    number: int
    slot: str
    # When each try began, and the status that came, 0 for none.
    tries: list[tuple[float, int]] = field(default_factory=list)
    acknowledged_at: float = 0
    led_to: str = ""

    @property
    def email(self) -> str:
        return f"rosa{self.number}@example.com"

    @property
    def has_the_time(self) -> bool:
        """Whether the answer said so."""
        return self.led_to.endswith("?done=booked")


@dataclass
class Page:
    """One look at a page: when, and the status, 0 for no answer in time."""

    at: float
    path: str
    status: int


class Visitors:
    """People before nginx, at `(host, port)`; they choose from `slots`, two for each."""

    def __init__(self, front: tuple[str, int], trust: ssl.SSLContext, slots: list[str]):
        self.front, self.trust, self.slots = front, trust, slots
        self.sent: list[Sent] = []
        self.pages: list[Page] = []
        self.strange: list[str] = []
        self.gone = threading.Event()
        self.numbers = itertools.count(1)
        jobs = [self._send] * SENDERS + [self._read] * READERS
        self.threads = [threading.Thread(target=each, daemon=True) for each in jobs]

    def come(self) -> None:
        for each in self.threads:
            each.start()

    def go(self) -> None:
        """Let those who were told nothing yet try until they are, for a while."""
        self.gone.set()
        for each in self.threads:
            each.join(60)

    def acknowledged(self, since: float, until: float = float("inf")) -> list[Sent]:
        return [each for each in list(self.sent) if since <= each.acknowledged_at < until]

    def first_good(self, since: float) -> float:
        """When the first post was acknowledged of those that were sent after this moment; 0 for none yet."""
        answered = [each.acknowledged_at for each in list(self.sent) if each.tries and each.tries[-1][0] >= since]
        return min((at for at in answered if at), default=0)

    def ask(self, path: str, who: int, body: str = "", patience: float = PATIENCE) -> tuple[int, str, Any]:
        """Status, body and headers; 0 where no answer came."""
        try:
            connection = HTTPSConnection(self.front[0], timeout=patience)
            raw = _connected(self.front, who, patience)
            connection.sock = self.trust.wrap_socket(raw, server_hostname="localhost")
            try:
                headers = {"Host": "localhost"}
                if body:
                    headers["Content-Type"] = "application/x-www-form-urlencoded"
                connection.request("POST" if body else "GET", path, body or None, headers)
                answer: HTTPResponse = connection.getresponse()
                return answer.status, answer.read().decode(), answer.headers
            finally:
                connection.close()
        except (OSError, HTTPException):
            return 0, "", {}

    def _read(self) -> None:
        for path in itertools.cycle(PAGES):
            if self.gone.is_set():
                return
            at = time.monotonic()
            status, *_ = self.ask(path, next(self.numbers))
            self.pages.append(Page(at, path, status))
            self.gone.wait(BETWEEN)

    def _send(self) -> None:
        while not self.gone.is_set():
            number = next(self.numbers)
            status, form, _ = self.ask("/appointments/", number)
            if status != 200:
                self.gone.wait(BETWEEN)
                continue
            sent = Sent(number, self._slot())
            self.sent.append(sent)
            self._until_acknowledged(sent, _filled_in(form, sent))
            self.gone.wait(BETWEEN)

    def _until_acknowledged(self, sent: Sent, body: str) -> None:
        until = float("inf")
        while time.monotonic() < until:
            began = time.monotonic()
            status, said, headers = self.ask("/appointments/", sent.number, body, PATIENCE_OF_SENDERS)
            sent.tries.append((began, status))
            if status == 303:
                sent.led_to, sent.acknowledged_at = headers["Location"], time.monotonic()
                return
            if status not in (0, 500, 502, 503, 504):
                self.strange.append(f"{status} {' '.join(re.sub('<[^>]*>', ' ', said).split())[:300]}")
                return
            if self.gone.is_set() and until == float("inf"):
                until = time.monotonic() + 20
            time.sleep(BETWEEN)

    def _slot(self) -> str:
        """Every other person wants a time; two want the same."""
        place = next(self.wanted)
        return self.slots[place // 4 % len(self.slots)] if place % 2 else ""

    wanted: Iterator[int] = itertools.count()


def _connected(front: tuple[str, int], who: int, patience: float) -> Any:
    address = f"127.{20 + (who >> 16)}.{who >> 8 & 255}.{who & 255}"
    return socket.create_connection(front, patience, (address, 0))


def _filled_in(form: str, sent: Sent) -> str:
    token = re.search(r'name="sum_token" value="([^"]+)"', form)[1]
    first, second = re.search(r"(\d+) plus (\d+)</span>\?</label>", form).groups()
    return urlencode(
        {
            "kind": "appointment" if sent.slot else "question", "name": f"Rosa Lind {sent.number}",
            "contact_by": "email", "email": sent.email, "message": "When can I garden again?", "consent": "on",
            "sum_token": token, "sum": int(first) + int(second), **({"slot": sent.slot} if sent.slot else {}),
        }
    )  # fmt: skip
