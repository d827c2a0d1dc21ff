"""Pages that are made anew for each address: one at a time, a small share of the processor, and never all threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from clinic.server import gunicorn_conf, spare_threads, turns
from clinic.wsgi import readable
from tests import make, wsgi

TIMES = {"path": "/appointments/times/"}
FORM_WITH_A_TIME = {"path": "/appointments/", "query": "time=whatever"}


class Busy:
    """A Django that computes until it may end, and says that it has begun."""

    def __init__(self):
        self.begun, self.may_end = threading.Semaphore(0), threading.Event()

    def __call__(self, environ, start_response):
        self.begun.release()
        self.may_end.wait(30)
        return ready(environ, start_response)


class Places(threading.BoundedSemaphore):
    """Says that somebody asked for one."""

    def __init__(self, many):
        super().__init__(many)
        self.asked = threading.Semaphore(0)

    def acquire(self, *args, **kwargs):
        got = super().acquire(*args, **kwargs)
        self.asked.release()
        return got


def ready(environ, start_response):
    start_response(f"{environ.get('clinic.refused_with', 200)} said", [])
    return []


@pytest.fixture
def clock(monkeypatch):
    """What would have been slept, where each page takes `cpu` seconds."""
    clock = SimpleNamespace(slept=[], cpu=0.01, now=0.0)

    def thread_time():
        clock.now += clock.cpu
        return clock.now

    fake = SimpleNamespace(sleep=clock.slept.append, thread_time=thread_time, monotonic=lambda: 100.0)
    monkeypatch.setattr(turns, "time", fake)
    return clock


def get(app, path, method="GET", **more):
    return wsgi.call(method, path, app=app, **more)


@pytest.mark.parametrize("asked", [TIMES, FORM_WITH_A_TIME], ids=["free times", "the form with a time"])
def test_after_a_page_the_next_one_waits_much_longer(clock, asked):
    app = turns.Turns(ready)
    get(app, **asked)
    get(app, **asked)

    assert clock.slept == [0.0, pytest.approx(0.29)]


def test_nobody_waits_longer_than_half_a_second_for_one_page(clock):
    clock.cpu = 1
    app = turns.Turns(ready)
    get(app, **TIMES)
    get(app, **TIMES)

    assert clock.slept == [0.0, turns.LONGEST_PAUSE]


@pytest.mark.parametrize(
    "asked",
    [
        {"path": "/appointments/"}, {"path": "/procedures/kyphoplasty/"}, {"path": "/livez", "query": "a=b"},
        {"path": "/admin/", "query": "q=rosa"}, {"path": "/appointments/8Yk3Hq/times/"},
        {"path": "/appointments/", "method": "POST", "query": "a=b"},
    ],
    ids=lambda asked: f"{asked.get('method', 'GET')} {asked['path']}",
)  # fmt: skip
def test_what_is_kept_or_one_persons_or_sent_takes_no_turn(clock, asked):
    app = turns.Turns(ready)
    get(app, **TIMES)
    get(app, **asked)

    assert clock.slept == [0.0]


def test_one_is_made_at_a_time_and_who_finds_no_place_is_refused(clock):
    django = Busy()
    app = turns.Turns(django)
    app.places = Places(turns.PLACES)

    everybody = gunicorn_conf.threads + spare_threads.MORE_THREADS
    with ThreadPoolExecutor(everybody) as threads:
        waiting = [threads.submit(get, app, **TIMES) for _ in range(turns.PLACES)]
        for _ in waiting:
            app.places.asked.acquire(timeout=30)
        refused, other = threads.submit(get, app, **TIMES), threads.submit(get, app, path="/procedures/")
        begun = [django.begun.acquire(timeout=30) for _ in range(3)]
        is_fourth = django.begun.acquire(blocking=False)
        django.may_end.set()
        statuses = [each.result(30).status_code for each in (*waiting, refused, other)]

    assert (begun, is_fourth) == ([True] * 3, False)  # The first of those who wait, the refused, the other page.
    assert statuses == [200] * turns.PLACES + [503, 200]
    assert everybody >= 2 * turns.PLACES


def test_places_are_given_back_when_django_raises():
    def broken(environ, start_response):
        raise RuntimeError

    app = turns.Turns(broken)
    for _ in range(turns.PLACES + 1):
        with pytest.raises(RuntimeError):
            get(app, **TIMES)


@pytest.mark.django_db
def test_the_refusal_says_so_with_the_phone_number_and_fills_no_log(caplog):
    make.clinic(phone="(202) 555-0117")

    answer = get(readable, **{"clinic.refused_with": 503}, **TIMES)

    assert answer.status_code == 503
    assert (answer.headers["Retry-After"], caplog.messages) == ("2", [])
    assert b"Many are looking for times right now" in answer.content
    assert b"(202) 555-0117" in answer.content
