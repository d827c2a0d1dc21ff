"""Keeps tests from asking anything beyond this machine: a test that needs the internet fails where there is none."""

import ipaddress
import socket
from typing import Any


class NoNetwork(Exception):
    """A test tried to reach a host that is not this machine."""


def check(family: int, address: Any) -> None:
    """Raise NoNetwork unless a socket of this family may connect or send to this address."""
    if family in (socket.AF_INET, socket.AF_INET6):
        check_host(address[0])


def check_host(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost", "0.0.0.0"):  # noqa: S104  (only compared)
        return
    try:
        is_here = ipaddress.ip_address(name).is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        raise NoNetwork(f"tests reach no other host, and this one wanted {name}")


def guard(monkeypatch: Any) -> None:
    """Make every way out of Python's sockets ask first. Postgres is reached by libpq, through a Unix socket."""
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, _asking(getattr(socket.socket, name)))
    monkeypatch.setattr(socket.socket, "sendto", _asking(socket.socket.sendto))
    look_up = socket.getaddrinfo

    def look_up_here(host: Any, *args: Any, **kwargs: Any) -> Any:
        check_host(host)
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up_here)


def _asking(original: Any) -> Any:
    def ask(self: socket.socket, *args: Any) -> Any:
        check(self.family, args[-1])
        return original(self, *args)

    return ask
