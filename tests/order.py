"""The order in which several workers run the tests: the longest first, so that none waits for another at the end."""

from typing import Protocol


class Marked(Protocol):
    def get_closest_marker(self, name: str) -> object: ...


# What a test of seconds is known by.
LONG = ("real_time", "many_pages")


def longest_first[Test: Marked](tests: list[Test], workers: int) -> list[Test]:
    """
    Each worker's part of the tests, one after another, its long ones first; otherwise as they came.

    `--dist worksteal` cuts the list into as many equal parts; where it can't be divided, the last ones are one longer.
    Who is through takes over from the end of another's.
    """
    is_short = [not any(test.get_closest_marker(name) for name in LONG) for test in tests]
    ordered = [test for _, test in sorted(zip(is_short, tests, strict=True), key=lambda pair: pair[0])]
    return [test for worker in reversed(range(workers)) for test in ordered[worker::workers]]
