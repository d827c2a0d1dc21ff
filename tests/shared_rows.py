"""Rows that all tests of a module begin with, where making them takes longer than the tests do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def shared[Made](blocker: Any, make_them: Callable[[], Made]) -> Iterator[Made]:
    """
    Make them once, in a transaction that each test's own lies within, and undo them with it.

    For a fixture of a module, which asks for `rows_of_migrations` first: those are read before others are there.
    """
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # What is durable may stand in it, as in a test's own.
    with blocker.unblock():
        around.__enter__()
        made = make_them()
    yield made
    with blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)
