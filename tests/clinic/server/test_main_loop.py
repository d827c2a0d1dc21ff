"""The main loop of a process waits for nobody: neither who stays when all is said, nor who does not listen."""

from collections.abc import Iterator

import pytest

from clinic.server import main_loop
from tests.clinic.server.test_at_once import ABOUT, Process, Visitor, head
from tests.workers import eventually

LAST = head("GET /about/", "Connection: close")

pytestmark = pytest.mark.real_time


@pytest.fixture
def process() -> Iterator[Process]:
    process = Process()
    yield process
    process.ends()


def test_others_are_served_while_somebody_stays_who_is_let_go(process):
    staying, other = process.visited(), process.visited()
    staying.asks(LAST)

    assert eventually(lambda: process.goes_on() or staying.hears_the_end())
    assert other.asks(ABOUT)[0].endswith(b"Our words.")
    assert process.nr_conns == 2


def test_who_is_let_go_is_heard_out(process):
    visitor = process.visited()
    visitor.asks(LAST)
    visitor.says(b"One more thing.")

    assert eventually(lambda: process.goes_on() or visitor.hears_the_end())
    visitor.sock.close()
    assert process.lets_go()


@pytest.fixture
def deaf(process) -> Visitor:
    """Somebody who has asked for more than there is room for, and does not listen."""
    process.body = b"Many words. " * 5_000
    deaf = process.visited()
    deaf.asks(ABOUT)
    deaf.says(ABOUT)
    return deaf


def test_but_not_for_ever_while_somebody_does_not_listen(process, deaf, monkeypatch):
    assert eventually(lambda: process.goes_on() or process.pending_conns, 30)
    monkeypatch.setattr(main_loop, "HEARD_OUT", 0)
    process.visited().asks(LAST)

    assert eventually(lambda: process.goes_on() or process.nr_conns == 1, 30)
    assert len(process.pending_conns) == 1


def test_who_does_not_listen_is_let_go_after_a_while(process, deaf, monkeypatch):
    monkeypatch.setattr(main_loop, "LISTENS_WITHIN", 0)

    assert process.lets_go()
