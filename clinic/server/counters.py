"""
What all processes of a gunicorn have answered so far, in memory that they share.

In memory and in no file: on a full disk a file that is mapped ends the process that writes to it.
"""

import mmap
import threading
from datetime import timedelta
from enum import IntEnum

PROCESSES = 64  # A reload has twice as many for a moment. Those beyond share the last place.


class Count(IntEnum):
    """What is counted; answers by the first digit of their status."""

    OTHERS, S1XX, S2XX, S3XX, S4XX, S5XX, MICROSECONDS, STORE_ASKED, STORE_MADE = range(9)


# Made before gunicorn forks, so that its processes have it in common: clinic.server.gunicorn_conf imports this.
_numbers = memoryview(mmap.mmap(-1, 8 * len(Count) * PROCESSES)).cast("Q")
# Each process writes to its own place, which outlives it: what follows it there counts on.
_place = 0
_lock = threading.Lock()


def write_to(place: int) -> None:
    """Let this process, and those that it forks, count in a place of their own."""
    global _place
    _place = min(place, PROCESSES - 1)


def count(which: Count, many: int = 1) -> None:
    with _lock:  # Of this process: it has several threads.
        _numbers[_place * len(Count) + which] += many


def count_answer(status: int, took: timedelta) -> None:
    count(Count(status // 100) if 1 <= status // 100 <= 5 else Count.OTHERS)
    count(Count.MICROSECONDS, took // timedelta(microseconds=1))


def total(which: Count) -> int:
    """Of all processes together."""
    return sum(_numbers[place * len(Count) + which] for place in range(PROCESSES))
