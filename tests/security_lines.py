"""The security log as a file would have it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from clinic.server.logs import JsonLine


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLine())
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))

    @property
    def said(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written]

    def events(self, *names: str) -> list[tuple[Any, ...]]:
        """Each line's event, with these of its values."""
        return [tuple(line.get(name) for name in ("event", *names)) for line in self.said]


@contextmanager
def kept() -> Iterator[Lines]:
    """What the security log says while the block runs."""
    logger, lines = logging.getLogger("clinic.security"), Lines()
    before = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(lines)
    try:
        yield lines
    finally:
        logger.removeHandler(lines)
        logger.setLevel(before)
