"""The groups of `make bench`: each yields its figures, and a sentence for what it could not measure."""

import os
from collections.abc import Callable, Iterator

from tests.bench import pages, servers, staff, submissions, times, worker
from tests.bench.measure import Figure, in_turns, kept_by

ROUNDS = int(os.environ.get("ROUNDS", "9"))
# The large clinic's, for those groups that want one.
INQUIRIES = int(os.environ.get("INQUIRIES", "1000000"))


def of_pages() -> Iterator[Figure | str]:
    pages.fill()
    with servers.site() as site, servers.floor() as floor:
        yield from pages.stored(site, floor, ROUNDS)
        yield from pages.proxied(site, ROUNDS)
        yield pages.weight(site)
        yield from pages.crawled(site, ROUNDS)
    yield from pages.cold(ROUNDS * 5)


def of_submissions() -> Iterator[Figure | str]:
    pages.fill()
    with submissions.site() as site, servers.floor() as floor:
        yield from submissions.measured(site, floor, ROUNDS)


def of_times() -> Iterator[Figure | str]:
    rows = times.rows()
    in_turns(rows, ROUNDS * 5)
    yield from kept_by(rows)


def of_memory() -> Iterator[Figure | str]:
    pages.fill()
    with servers.site() as site:
        yield from pages.memory(site, int(os.environ.get("REQUESTS", "100000")))


def of_staff() -> Iterator[Figure | str]:
    yield from staff.grown(INQUIRIES, INQUIRIES // 5, ROUNDS * 3)


def of_worker() -> Iterator[Figure | str]:
    pages.fill()
    yield from worker.mails(int(os.environ.get("MAILS", "10000")))
    yield from worker.minute(INQUIRIES // 5, ROUNDS * 3)


GROUPS: dict[str, Callable[[], Iterator[Figure | str]]] = {
    "pages": of_pages,
    "submissions": of_submissions,
    "times": of_times,
    "staff": of_staff,
    "worker": of_worker,
    "memory": of_memory,
}
