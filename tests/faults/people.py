"""People who send the form all the time while something goes wrong, and what each of them heard."""

import http.client
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlencode

from tests import make
from tests.deploy.front import HOST
from tests.faults import table

# POSTS=300 makes what takes minutes run, and sends so many forms before and after each fault (make faults).
LONG = "POSTS" in os.environ
MANY = int(os.environ.get("POSTS", "25"))
AT_ONCE = 4
# The variables of a site that visitors reach by https.
BEHIND_A_FRONT = {"SITE_URL": f"https://{HOST}", "EMAIL_URL": "smtp://127.0.0.1:9"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_numbers = count()


@dataclass
class Sent:
    """One form on its way; `status` is None where nobody answered."""

    name: str
    # time.monotonic() before and after.
    began: float
    ended: float
    status: int | None
    # Whether it got to the site at all: a closed port has lost nothing of what was typed.
    was_connected: bool

    @property
    def is_acknowledged(self) -> bool:
        return self.status == 303


def form(name: str, **changes: str) -> bytes:
    """Somebody's form as bytes: sent again, it is the same submission."""
    number = int(name.rpartition(" ")[2])
    typed = make.form_data(
        name=name, phone=f"212 55{number % 10} {number % 10_000:04}", message=f"I am {name}.", **changes
    )
    return urlencode(typed).encode()


def new_name() -> str:
    return f"Rosa Lind {next(_numbers)}"


def post(connection: http.client.HTTPConnection, body: bytes, **headers: str) -> int:
    connection.request("POST", "/appointments/", body, FORM | headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def post_once(port: int, body: bytes) -> int | None:
    """The status of the answer; None where the connection broke."""
    with closing(to(port)()) as connection, suppress(OSError, http.client.HTTPException):
        return post(connection, body)
    return None


def wait_until_it_works(port: int) -> None:
    """Each of its processes has loaded the code once it answers; which one does is the kernel's choice."""
    with closing(to(port)()) as connection:
        connection.request("GET", "/appointments/")
        connection.getresponse().read()


class People:
    """So many people at once; each sends a new form as soon as the one before is answered."""

    def __init__(self, connect: Callable[[], http.client.HTTPConnection], forms_a_connection: int):
        self.connect, self.forms_a_connection = connect, forms_a_connection
        self.sent: list[Sent] = []
        self.bodies: dict[str, bytes] = {}
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.is_set():
            connection = self.connect()
            with suppress(OSError, http.client.HTTPException):
                for _ in range(self.forms_a_connection):
                    if self.is_over.is_set() or not self._send(connection):
                        break
            connection.close()

    def _send(self, connection: http.client.HTTPConnection) -> bool:
        """Send one, and return whether the connection may be used again."""
        name = new_name()
        body = self.bodies[name] = form(name)
        began, status, was_connected = time.monotonic(), None, True
        try:
            if connection.sock is None:
                was_connected = False
                connection.connect()
                was_connected = True
            status = post(connection, body)
        finally:
            self.sent.append(Sent(name, began, time.monotonic(), status, was_connected))
            self.is_over.wait(0.01)  # A port that is closed refuses thousands a second.
        return connection.sock is not None

    def acknowledged(self, after: float = 0) -> list[Sent]:
        """Those that began after this moment."""
        return [each for each in list(self.sent) if each.is_acknowledged and each.began > after]

    def wait_for(self, many: int, after: float = 0) -> None:
        """Until so many were acknowledged that began after this moment."""
        until = time.monotonic() + 60
        while len(self.acknowledged(after)) < many:
            assert time.monotonic() < until, self.heard()
            time.sleep(0.02)

    def heard(self) -> Counter[str]:
        """How many heard what: a status, nothing over a connection that broke, or nobody there."""
        return Counter(
            str(each.status) if each.status else "broken" if each.was_connected else "closed" for each in self.sent
        )

    def unheard(self) -> list[str]:
        """The names of those who got no good answer."""
        return [each.name for each in self.sent if not each.is_acknowledged]

    def first_good_after(self, moment: float) -> float:
        """Seconds from `moment` to the first good answer to somebody who began after it."""
        return min(each.ended for each in self.acknowledged(moment)) - moment


@contextmanager
def sending(
    connect: Callable[[], http.client.HTTPConnection], *, how_many: int = AT_ONCE, forms_a_connection: int = 1_000
) -> Iterator[People]:
    """These people at work, until the block ends; then the last ones have been answered, too."""
    people = People(connect, forms_a_connection)
    threads = [threading.Thread(target=people.run) for _ in range(how_many)]
    for thread in threads:
        thread.start()
    try:
        yield people
    finally:
        people.is_over.set()
        for thread in threads:
            thread.join()


def to(port: int) -> Callable[[], http.client.HTTPConnection]:
    return lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=40)


def through(front: Any) -> Callable[[], http.client.HTTPConnection]:
    """Connections to the front (tests/deploy/front.py), each from an address of its own: 127.1.0.1 and following."""
    addresses = count(1)

    def connect() -> http.client.HTTPConnection:
        number = next(addresses)
        source = f"127.1.{number // 250}.{number % 250 + 1}", 0
        return http.client.HTTPSConnection(HOST, front.port, timeout=40, context=front.trust, source_address=source)

    return connect


def count_stored(what: str, people: People, names: Iterable[str], moment: float = 0, more: str = "") -> Counter[str]:
    """
    How many acknowledged ones were stored how often, told as what became of this fault.

    `names` are those of all stored inquiries; the first good answer is counted from `moment`.
    """
    stored = Counter(names)
    times = Counter("once" if stored[each.name] == 1 else "lost" if not stored[each.name] else "twice"
                    for each in people.acknowledged())  # fmt: skip
    heard = ", ".join(f"{how} {many}" for how, many in sorted(people.heard().items()))
    unheard = sum(name in stored for name in people.unheard())
    besides = [f"heard {heard}", f"stored without an answer {unheard}" if unheard else "", more]
    seconds = people.first_good_after(moment) if moment else None
    table.tell(
        what, len(people.acknowledged()), times["once"], times["lost"], seconds, "; ".join(filter(None, besides))
    )
    return times
