"""
How staff's passwords are hashed: as OWASP asks, and few at once, so that nobody takes the machine by signing in.

Source: OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB of memory, two iterations and one lane.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher

from clinic.accounts import limits


class NoPlace(Exception):
    """As many passwords as this process hashes at once are being hashed: this one was not looked at."""


_places = threading.BoundedSemaphore(limits.HASHES_AT_ONCE)
# A thread keeps for good the memory that it has once hashed in. These are few; those of the requests are many.
_threads = ThreadPoolExecutor(limits.HASHES_AT_ONCE, "hash")


@contextmanager
def place() -> Iterator[None]:
    """Hold one of the process' places for a hash. Raises NoPlace when none becomes free in time."""
    if not _places.acquire(timeout=limits.WAIT_FOR_A_HASH):
        raise NoPlace
    try:
        yield
    finally:
        _places.release()


class Argon2Hasher(Argon2PasswordHasher):
    """
    What new passwords are stored with. One that was stored with other numbers gets these at its next sign-in.

    Django hashes once for a user name that nobody has, too: that takes as long, and waits for the same places.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with place():
            return _threads.submit(super().encode, password, salt).result()

    def verify(self, password: str, encoded: str) -> bool:
        with place():
            return _threads.submit(super().verify, password, encoded).result()


class PBKDF2Hasher(PBKDF2PasswordHasher):
    """Reads passwords of before, with encode(); its hash takes the processor for longer than Argon2's."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with place():
            return super().encode(password, salt, iterations)
