"""What keeps the project's habits, tested itself."""

import socket

import pytest

from tests.commit_message import problems
from tests.no_network import NoNetwork

IP4, IP6, STREAM, DATAGRAM = socket.AF_INET, socket.AF_INET6, socket.SOCK_STREAM, socket.SOCK_DGRAM
# Every way in which Python's sockets look up a host, or send something to it.
LOOK_UPS = {
    "getaddrinfo": lambda: socket.getaddrinfo("example.com", 80),
    "getaddrinfo, bytes": lambda: socket.getaddrinfo(b"example.com", 80),
    "gethostbyname": lambda: socket.gethostbyname("example.com"),
    "gethostbyname_ex": lambda: socket.gethostbyname_ex("example.com"),
    "gethostbyaddr": lambda: socket.gethostbyaddr("192.0.2.1"),
    "getnameinfo": lambda: socket.getnameinfo(("192.0.2.1", 80), 0),
    "getfqdn": lambda: socket.getfqdn("example.com"),
    "create_connection, address": lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
    "create_connection, name": lambda: socket.create_connection(("example.com", 80), timeout=1),
}
SENDING = {
    "connect": (IP4, STREAM, lambda way: way.connect(("192.0.2.1", 80))),
    "connect, IPv6": (IP6, STREAM, lambda way: way.connect(("2001:db8::1", 80))),
    "connect_ex": (IP4, STREAM, lambda way: way.connect_ex(("192.0.2.1", 80))),
    "sendto": (IP4, DATAGRAM, lambda way: way.sendto(b"x", ("192.0.2.1", 53))),
    "sendto, flags": (IP4, DATAGRAM, lambda way: way.sendto(b"x", 0, ("192.0.2.1", 53))),
    "sendmsg": (IP4, DATAGRAM, lambda way: way.sendmsg([b"x"], [], 0, ("192.0.2.1", 53))),
    "sendmsg, IPv6": (IP6, DATAGRAM, lambda way: way.sendmsg([b"x"], [], 0, ("2001:db8::1", 53))),
}


@pytest.mark.parametrize("reach", LOOK_UPS.values(), ids=LOOK_UPS)
def test_a_test_reaches_no_other_host(reach):
    with pytest.raises(NoNetwork):
        reach()


@pytest.mark.parametrize(("family", "kind", "reach"), SENDING.values(), ids=SENDING)
def test_no_kind_of_socket_reaches_another_host(family, kind, reach):
    with socket.socket(family, kind) as way, pytest.raises(NoNetwork):
        reach(way)


def test_a_test_reaches_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()


def test_a_test_sends_to_a_socket_of_this_machine():
    with socket.socket(IP4, DATAGRAM) as here, socket.socket(IP4, DATAGRAM) as sender:
        here.bind(("127.0.0.1", 0))
        here.settimeout(5)
        sender.sendmsg([b"a"], [], 0, here.getsockname())
        sender.connect(here.getsockname())
        sender.sendmsg([b"b"])
        assert [here.recv(1), here.recv(1)] == [b"a", b"b"]


def test_a_test_learns_the_name_of_this_machine():
    assert socket.getfqdn()


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
