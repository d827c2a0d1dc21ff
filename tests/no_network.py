"""Keeps tests from asking anything beyond this machine: a test that needs the internet fails where there is none."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

HERE = {"", "localhost", "0.0.0.0"}  # noqa: S104  (only compared)


class NoNetwork(Exception):
    """A test tried to reach a host that is not this machine."""


def check(family: int, address: Any) -> None:
    """Raise NoNetwork unless a socket of this family may connect or send to this address."""
    if family in (socket.AF_INET, socket.AF_INET6) and address is not None:
        check_host(address[0])


def check_host(host: Any) -> None:
    """Raise NoNetwork unless this host is this machine. What names no host, and its own name, is."""
    name = host.decode() if isinstance(host, bytes | bytearray) else host
    if name is None or name in HERE or name == socket.gethostname():
        return
    try:
        is_here = ipaddress.ip_address(name).is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        raise NoNetwork(f"tests reach no other host, and this one wanted {name}")


def guard(monkeypatch: Any) -> None:
    """
    Make every way out of Python's sockets ask first. Postgres is reached by libpq, through a Unix socket.

    Python's create_connection and getfqdn go these ways, too.
    """
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, _asking_last(getattr(socket.socket, name)))
    monkeypatch.setattr(socket.socket, "sendmsg", _asking_fourth(socket.socket.sendmsg))
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr"):
        monkeypatch.setattr(socket, name, _asking_host(getattr(socket, name)))
    monkeypatch.setattr(socket, "getnameinfo", _asking_pair(socket.getnameinfo))


def _asking_last(original: Callable) -> Callable:
    def ask(self: socket.socket, *args: Any) -> Any:
        check(self.family, args[-1])
        return original(self, *args)

    return ask


def _asking_fourth(original: Callable) -> Callable:
    """For sendmsg(buffers, ancillary, flags, address): without an address the socket is connected already."""

    def ask(self: socket.socket, *args: Any) -> Any:
        check(self.family, args[3] if len(args) > 3 else None)
        return original(self, *args)

    return ask


def _asking_host(original: Callable) -> Callable:
    def ask(host: Any, *args: Any, **kwargs: Any) -> Any:
        check_host(host)
        return original(host, *args, **kwargs)

    return ask


def _asking_pair(original: Callable) -> Callable:
    """For getnameinfo((host, port), flags)."""

    def ask(address: Any, *args: Any) -> Any:
        check_host(address[0])
        return original(address, *args)

    return ask
