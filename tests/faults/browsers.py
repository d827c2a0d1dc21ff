"""The site on its own Postgres, and people who send it forms while something fails."""

import html
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from tests import make
from tests.bench.servers import Server
from tests.faults.site import Postgres, eventually

PEOPLE = 4 if int(os.environ.get("ROUNDS", "1")) > 1 else 2
PHONE = "(646) 555-0111"
NOT_STORED = "Nothing of it is stored, and nobody here has read it."
IS_AWAY, IS_BACK = "The database is away", "The database is back"
_numbers = count()


class Answer(NamedTuple):
    status: int
    page: str
    headers: dict[str, str]
    seconds: float


class Browser:
    def __init__(self, port: int, **cookies: str):
        self.port, self.cookies = port, cookies

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, "")

    def post(self, path: str, fields: list[tuple[str, str]] | dict[str, str]) -> Answer:
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as way:
            way.request(method, path, body, headers)
            answer = way.getresponse()
            said = answer.read().decode()
        return Answer(answer.status, said, dict(answer.headers), time.monotonic() - began)


def kept(page: str) -> list[tuple[str, str]]:
    """What the page would send again."""
    fields = re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)"', page, re.DOTALL)
    return [(html.unescape(name), html.unescape(value)) for name, value in fields]


def says_that_nothing_is_stored(answer: Answer) -> bool:
    return answer.status == 503 and PHONE in answer.page and NOT_STORED in answer.page


class Site(NamedTuple):
    """The site on its own Postgres, with somebody at the desk and a patient who has an own page."""

    postgres: Postgres
    server: Server
    log: Path
    desk: Browser
    token: str
    own_page: str
    proof: dict[str, str]

    @property
    def visitor(self) -> Browser:
        return Browser(self.server.port)

    @property
    def patient(self) -> Browser:
        return Browser(self.server.port, **self.proof)

    def stored(self) -> Counter[str]:
        """How often each name is stored."""
        return Counter(name for (name,) in self.postgres.rows("SELECT name FROM appointments_inquiry"))

    def said(self) -> list[str]:
        """The lines of the log that are worth reading: gunicorn's own say each request."""
        return [line for line in self.log.read_text().splitlines() if not re.search(r"\[(DEBUG|INFO)\]", line)]

    @contextmanager
    def saying(self, words: str, *, processes_without_it: int = 0) -> Iterator[None]:
        """
        The block makes the log say these words once, and nothing else.

        But that so many processes, at most, have lost their database, and have it back.
        """
        before = len(self.said())
        yield

        def counted() -> tuple[int, int, int, int]:
            said = self.said()[before:]
            return (*(sum(part in line for line in said) for part in (words, IS_AWAY, IS_BACK)), len(said))

        def is_settled() -> bool:
            """That it is back is said by a thread of its own."""
            refused, away, back, _all = counted()
            return bool(refused) and away == back >= bool(processes_without_it)

        eventually(is_settled, 30)
        refused, away, back, of_all = counted()
        assert (refused, away, of_all) == (1, back, 1 + away + back), self.said()[before:]
        assert away <= processes_without_it


def form(name: str) -> dict[str, str]:
    """Each from another number: what comes in masses from one is checked by hand."""
    return {
        field: str(value)
        for field, value in make.form_data(name=name, phone=f"212 555 {1000 + next(_numbers) % 9000}", email="").items()
    } | {"message": "When can I “garden” again?\nI <like> it & I can’t wait."}


class People(threading.Thread):
    """Somebody who sends one form after the other, and sends what comes back once more until it is acknowledged."""

    def __init__(self, served: Site):
        super().__init__()
        self.served, self.number, self.is_over = served, next(_numbers), threading.Event()
        self.acknowledged: list[str] = []
        self.refused: list[Answer] = []
        self.odd: list[Answer] = []
        self.last = 0.0

    def run(self) -> None:
        while not self.is_over.is_set():
            name = f"Rosa {self.number} Lind {len(self.acknowledged)}"
            fields: list[tuple[str, str]] = list(form(name).items())
            while not self.is_over.is_set():
                answer = self.served.visitor.post("/appointments/", fields)
                if answer.status == 303:
                    self.acknowledged.append(name)
                    self.last = time.monotonic()
                    break
                if not says_that_nothing_is_stored(answer) or sorted(kept(answer.page)) != sorted(fields):
                    self.odd.append(answer)
                self.refused.append(answer)
                fields = kept(answer.page)
                self.is_over.wait(0.05)
            self.is_over.wait(0.02)


@contextmanager
def people_who_write(served: Site) -> Iterator[list[People]]:
    people = [People(served) for _ in range(PEOPLE)]
    for each in people:
        each.start()
    try:
        eventually(lambda: all(each.acknowledged for each in people))
        yield people
    finally:
        for each in people:
            each.is_over.set()
        for each in people:
            each.join()
