"""What keeps the project's habits, tested itself."""

import socket

import pytest

from tests.commit_message import problems
from tests.no_network import NoNetwork


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.create_connection(("example.com", 80), timeout=1),
        lambda: socket.getaddrinfo("example.com", 80),
    ],
)
def test_a_test_reaches_no_other_host(reach):
    with pytest.raises(NoNetwork):
        reach()


@pytest.mark.parametrize(
    ("family", "kind", "reach"),
    [
        (socket.AF_INET6, socket.SOCK_STREAM, lambda way: way.connect(("2001:db8::1", 80))),
        (socket.AF_INET, socket.SOCK_STREAM, lambda way: way.connect_ex(("192.0.2.1", 80))),
        (socket.AF_INET, socket.SOCK_DGRAM, lambda way: way.sendto(b"x", ("192.0.2.1", 53))),
    ],
)
def test_no_kind_of_socket_reaches_another_host(family, kind, reach):
    with socket.socket(family, kind) as way, pytest.raises(NoNetwork):
        reach(way)


def test_a_test_reaches_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("Say why\n\nBecause.\n", []),
        ("Say why\n\nBecause.\n# Please enter the message\n", []),
        ("x" * 72 + "\n\nBecause.", []),
        ("x" * 73 + "\n\nBecause.", ["The subject has 73 characters, 72 at most."]),
        ("Say why.\n\nBecause.", ["The subject ends with a full stop."]),
        ("Say why\nBecause.", ["The second line is not empty."]),
        ("Say why\n\n# only git's words\n", ["There is no body: say why."]),
        ("", ["The message is empty."]),
    ],
)
def test_a_commit_says_what_and_why(message, found):
    assert problems(message) == found
