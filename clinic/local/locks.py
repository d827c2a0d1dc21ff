"""Locks that the kernel drops with the process that holds them."""

import fcntl
import os
from pathlib import Path
from typing import IO


def lock_file(path: Path) -> IO[str]:
    """The file to be locked, made where there is none; never a link to somebody's. Closing it drops its lock."""
    return open(path, "a", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW, 0o600))


def locks_alone(users: IO[str]) -> bool:
    """True when no other process uses the cluster; the lock is then exclusive."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
