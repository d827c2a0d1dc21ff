"""
A network of the kernel's own for this trial: a switch where the harness stands, and machines with a cable to it.

A cable that is out of the switch is a machine that is cut off: it lives on, and no byte comes or goes. All of it is in
a namespace, which the machine outside does not see, and which ends with its last process.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# From the block for trials of networks (RFC 2544).
NETWORK, SWITCH = "198.18.14.0/24", "198.18.14.9"
OF_THIS_THREAD = "/proc/thread-self/ns/net"
AS_OWNER = "--in-a-namespace-of-users"


def enter() -> None:
    """Leave the machine's network for one of our own: as root, or as the root that a namespace of users makes of us."""
    try:
        os.unshare(os.CLONE_NEWNET)
    except PermissionError:
        if os.geteuid() == 0 or AS_OWNER in sys.argv:
            sys.exit("The kernel lets this account make no network of its own (`unshare -n true`): run it as root.")
        mapped = ["unshare", "--user", "--map-current-user", "--keep-caps"]
        os.execvp(mapped[0], [*mapped, sys.executable, "-m", "tests.cluster", AS_OWNER])  # noqa: S606  (no shell is wanted)
    _ip("link set lo up")
    _ip("link add switch type bridge")
    _ip(f"addr add {SWITCH}/24 dev switch")
    _ip("link set switch up")


@dataclass
class Place:
    """Where a machine stands: its own end of its cable, which leads to the switch."""

    cable: str
    inside: int

    @classmethod
    def at_the_switch(cls) -> "Place":
        """The harness' own."""
        return cls("switch", os.open(OF_THIS_THREAD, os.O_RDONLY))

    @classmethod
    def far(cls, name: str, address: str) -> "Place":
        outside = os.open(OF_THIS_THREAD, os.O_RDONLY)
        os.unshare(os.CLONE_NEWNET)
        made = cls(name, os.open(OF_THIS_THREAD, os.O_RDONLY))
        os.setns(outside, os.CLONE_NEWNET)
        os.close(outside)
        _ip(f"link add {name} type veth peer name eth0 netns /proc/{os.getpid()}/fd/{made.inside}")
        _ip(f"link set {name} up")
        made.join()
        with made.entered():
            _ip("link set lo up")
            _ip(f"addr add {address}/24 dev eth0")
            _ip("link set eth0 up")
        return made

    def cut(self) -> None:
        _ip(f"link set {self.cable} nomaster")

    def join(self) -> None:
        _ip(f"link set {self.cable} master switch")

    @contextmanager
    def entered(self) -> Iterator[None]:
        """For this thread, and what it starts."""
        outside = os.open(OF_THIS_THREAD, os.O_RDONLY)
        os.setns(self.inside, os.CLONE_NEWNET)
        try:
            yield
        finally:
            os.setns(outside, os.CLONE_NEWNET)
            os.close(outside)


def _ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True, env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"})
