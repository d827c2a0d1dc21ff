"""What a submission costs: the form fetched, its sum solved, stored with history and mail; beside a bare insert."""

import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import count
from statistics import median
from urllib.parse import urlencode

from django.db import connection

from appointments.models import Inquiry, NotificationKind
from tests.bench import client, servers
from tests.bench.measure import Figure
from tests.bench.servers import Server

MANY = 300
_numbers = count()


def site() -> AbstractContextManager[Server]:
    """The site, which mails each of those who send something that it has come."""
    return servers.site(application="tests.bench.every_mail")


def measured(site: Server, floor: Server, rounds: int) -> Iterator[Figure]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_floor (id bigserial PRIMARY KEY, words text NOT NULL)")
    acts = {
        "bare": lambda: _insert(floor, "/insert", with_form=True),
        "pooled": lambda: _insert(floor, "/insert-pooled", with_form=False),
        "submissions": lambda: _submit(site),
    }
    rates: dict[str, list[float]] = {name: [] for name in acts}
    costs: dict[str, list[float]] = {name: [] for name in acts}
    for round_ in range(rounds + 1):
        for name, act in acts.items():
            rate, cpu = act()
            if round_:  # The first one warms up.
                rates[name].append(rate)
                costs[name].append(cpu)
    sent = MANY * (rounds + 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bench_floor")
        (stored,) = cursor.fetchone()
    bare, pooled, ours = (median(rates[name]) for name in ("bare", "pooled", "submissions"))
    yield Figure("one-row inserts as Django comes, with a page before each", bare, "a second")
    yield Figure("one-row inserts by a pooled connection, nothing before them", pooled, "a second")
    yield Figure("submissions", ours, "a second")
    yield Figure("submissions beside inserts as Django comes", ours / bare, "x", least=0.6)
    yield Figure("submissions beside pooled inserts", ours / pooled, "x")
    yield Figure("CPU of an insert as Django comes, with its page", median(costs["bare"]), "ms")
    yield Figure("CPU of a submission, with its form", median(costs["submissions"]), "ms", most=3.6)
    yield Figure("stored, with history and mail, of those that were sent", _whole() / sent, "x", least=1, most=1)
    yield Figure("bare rows that are stored", stored / sent / 2, "x", least=1, most=1)


def _insert(floor: Server, path: str, *, with_form: bool) -> tuple[float, float]:
    pages = [client.get("/hello", floor.port)] * MANY * with_form
    posts = [client.post(path, floor.port, urlencode({"message": f"Hello {n}"}).encode()) for n in range(MANY)]

    def act() -> None:
        for requests in (pages, posts):
            _all(floor, requests, b"HTTP/1.1 200")

    return _timed(floor, act)


def _submit(site: Server) -> tuple[float, float]:
    fetch = [client.get("/appointments/", site.port, **{"Accept-Encoding": "identity"})] * MANY

    def act() -> None:
        posts = [client.post("/appointments/", site.port, _filled_in(form)) for form in client.send(site.port, fetch)]
        _all(site, posts, b"HTTP/1.1 303")

    return _timed(site, act)


def _whole() -> int:
    """How many inquiries are stored, with their history and the mail to their writer."""
    return Inquiry.objects.filter(events__pgh_label="insert", emails__kind=NotificationKind.RECEIVED).count()


def _filled_in(page: bytes) -> bytes:
    form = page.decode()
    token = re.search(r'name="sum_token" value="([^"]+)"', form)[1]
    first, second = re.search(r"(\d+) plus (\d+)</span>\?</label>", form).groups()
    number = next(_numbers)
    return urlencode(
        {
            "kind": "question", "name": f"Rosa Lind {number}", "contact_by": "email",
            "email": f"rosa{number}@example.com", "message": "When can I garden again?", "consent": "on",
            "sum_token": token, "sum": int(first) + int(second),
        }
    ).encode()  # fmt: skip


def _all(server: Server, requests: list[bytes], status: bytes) -> None:
    for answer in client.send(server.port, requests):
        if not answer.startswith(status):
            raise RuntimeError(answer[:200].decode())


def _timed(server: Server, act) -> tuple[float, float]:
    """So many a second, and the milliseconds of CPU that the server took for each."""
    cpu, began = server.cpu(), time.perf_counter()
    act()
    return MANY / (time.perf_counter() - began), (server.cpu() - cpu) / MANY * 1e3
