"""The id of the request that is being answered: lines of the logs with the same id belong together."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of this thread's request; empty outside of one, and for pages that are the same for everyone."""
    return _current.get()


@contextmanager
def named() -> Iterator[str]:
    """Give what the block does an id of its own. It is drawn: one that a client sends could repeat another's."""
    with on_behalf_of(secrets.token_hex(8)) as drawn:
        yield drawn


@contextmanager
def on_behalf_of(request: str) -> Iterator[str]:
    """Give what the block does the id of a request that was answered before; an empty one is none."""
    token = _current.set(request)
    try:
        yield request
    finally:
        _current.reset(token)
