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
# Each process writes to its own place, which outlives it: what follows it there counts on. Each answer is counted, so
# what is a number stands here as one: an Enum takes as long as all else of a count.
_begins_at, _size, _sum_at = 0, len(Count), int(Count.MICROSECONDS)
_lock, _MICROSECOND = threading.Lock(), timedelta(microseconds=1)


def write_to(place: int) -> None:
    """Let this process, and those that it forks, count in a place of their own."""
    global _begins_at
    _begins_at = min(place, PROCESSES - 1) * _size


def count(which: Count, many: int = 1) -> None:
    with _lock:  # Of this process: it has several threads.
        _numbers[_begins_at + which] += many


def count_answer(status: int, took: timedelta) -> None:
    digit = status // 100
    with _lock:
        _numbers[_begins_at + (digit if 1 <= digit <= 5 else 0)] += 1
        _numbers[_begins_at + _sum_at] += took // _MICROSECOND


def total(which: Count) -> int:
    """Of all processes together."""
    return sum(_numbers[place * _size + which] for place in range(PROCESSES))
