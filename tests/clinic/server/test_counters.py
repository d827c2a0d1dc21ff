import os
from types import SimpleNamespace

import pytest

from clinic.server import counters, gunicorn_conf
from clinic.server.counters import Count


@pytest.fixture(autouse=True)
def first_place():
    yield
    counters.write_to(0)


def test_processes_count_into_one_sum():
    before = counters.total(Count.STORE_ASKED)
    if not (child := os.fork()):
        counters.write_to(1)
        counters.count(Count.STORE_ASKED, 4)
        os._exit(0)
    os.waitpid(child, 0)
    counters.count(Count.STORE_ASKED)

    assert counters.total(Count.STORE_ASKED) - before == 5


def test_what_follows_a_process_counts_on_in_its_place_and_living_ones_have_one_each():
    server, workers = SimpleNamespace(WORKERS={}), [SimpleNamespace() for _ in range(4)]
    for pid, worker in enumerate(workers[:3]):
        gunicorn_conf.pre_fork(server, worker)
        server.WORKERS[pid] = worker
    del server.WORKERS[1]
    gunicorn_conf.pre_fork(server, workers[3])

    assert [worker.counts_at for worker in workers] == [0, 1, 2, 1]


def test_more_processes_than_places_share_the_last_one():
    counters.write_to(counters.PROCESSES + 5)
    before = counters.total(Count.S2XX)
    counters.count(Count.S2XX)

    assert counters.total(Count.S2XX) - before == 1
