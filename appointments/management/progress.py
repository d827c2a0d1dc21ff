"""A bar for somebody who watches a command."""

import sys

WIDTH = 40


def show(number: int, of: int, what: str) -> None:
    """Draw how far it is, on a terminal alone: in a log each step would be a line."""
    if not sys.stderr.isatty():
        return
    done = WIDTH * number // max(of, 1)
    end = "\n" if number >= of else ""
    sys.stderr.write(f"\r[{'#' * done}{' ' * (WIDTH - done)}] {number:,}/{of:,} {what}{end}")
    sys.stderr.flush()
