"""A hundred clients that write and read as slowly as they may, against the shipped front: nobody waits for them."""

import contextlib
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from appointments.models import Inquiry
from tests import make
from tests.bench import servers
from tests.deploy import front as fronts
from tests.faults import people, table

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.real_time,
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed"),
]
SLOW = 100
# What each kind sends at once; after that, a letter a second.
BEGINNINGS = (
    # Never comes to the end of its headers: slowloris.
    f"GET / HTTP/1.1\r\nHost: {fronts.HOST}\r\nX-a: ",
    # Never comes to the end of what it posts.
    f"POST /appointments/ HTTP/1.1\r\nHost: {fronts.HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: 100000\r\n\r\nname=",
    # Asks for page after page, and reads none.
    f"GET /procedures/ HTTP/1.1\r\nHost: {fronts.HOST}\r\n\r\n" * 200 + f"GET / HTTP/1.1\r\nHost: {fronts.HOST}\r\nX: ",
)


@contextmanager
def slow_clients(front: fronts.Front) -> Iterator[list[socket.socket]]:
    """So many connections, from a hundred addresses, that go on for as long as the front lets them."""
    connections = []
    is_over = threading.Event()
    for number in range(SLOW):
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.bind((f"127.2.0.{number + 1}", 0))
        plain.connect(("127.0.0.1", front.port))
        encrypted = front.trust.wrap_socket(plain, server_hostname=fronts.HOST)
        encrypted.settimeout(0.05)
        with contextlib.suppress(OSError):  # It reads no more than it likes.
            encrypted.sendall(BEGINNINGS[number % len(BEGINNINGS)].encode())
        connections.append(encrypted)

    def drip() -> None:
        while not is_over.wait(1):
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.sendall(b"a")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        yield connections
    finally:
        is_over.set()
        dripping.join()
        for connection in connections:
            connection.close()


def test_visitors_are_served_beside_a_hundred_slow_clients(tmp_path):
    """Within a second: printed, and asserted in the long form."""
    make.clinic()
    took, statuses = [], []
    with (
        servers.site(**people.BEHIND_A_FRONT) as site,
        fronts.before([site.port], tmp_path) as front,
    ):
        people.wait_until_it_works(site.port)
        connect = people.through(front)
        with slow_clients(front) as slow:
            until = time.monotonic() + (20 if people.LONG else 0)
            names = []
            while not names or time.monotonic() < until:
                names.append(people.new_name())
                for path, body in (("/", None), ("/about/?a=b", None), ("/appointments/", people.form(names[-1]))):
                    began = time.monotonic()
                    with contextlib.closing(connect()) as connection:
                        connection.request("POST" if body else "GET", path, body, people.FORM if body else {})
                        answer = connection.getresponse()
                        answer.read()
                    took.append(time.monotonic() - began)
                    statuses.append(answer.status)
            assert len(slow) == SLOW

    stored = list(Inquiry.objects.values_list("name", flat=True))
    table.tell(
        f"{SLOW} slow clients before the front", statuses.count(303), sum(stored.count(name) == 1 for name in names),
        len(set(names) - set(stored)), more=f"{len(took)} answers to visitors, the slowest after {max(took):.2f} s",
    )  # fmt: skip
    assert statuses == [200, 200, 303] * len(names)
    assert sorted(stored) == sorted(names)
    assert max(took) < 1 or not people.LONG
