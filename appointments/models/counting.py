"""How many rows there are of several kinds, asked at once."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from clinic.made_once import Given, Statement


def count_all(**rows: QuerySet) -> dict[str, int]:
    """The number of each of these rows, in one statement. Fast where each has an index of its own."""
    with connection.cursor() as cursor:
        cursor.execute(*_statement(rows))
        return dict(zip(rows, cursor.fetchone(), strict=True))


class CountedAgain:
    """
    The same for a page that is opened all day, by a statement that is made once for the process. `rows` makes the rows
    of named moments, days and ids, which are other ones each time.
    """

    def __init__(self, rows: Callable[..., dict[str, QuerySet]]):
        self.rows = rows
        self._names: list[str] = []
        self._statement = Statement(self._sql)

    def __call__(self, **given: Given) -> dict[str, int]:
        [numbers] = self._statement.ask(**given)
        return dict(zip(self._names, numbers, strict=True))

    def _sql(self, **given: Given) -> tuple[str, list[Any]]:
        rows = self.rows(**given)
        self._names = [*rows]
        return _statement(rows)


def _statement(rows: dict[str, QuerySet]) -> tuple[str, list[Any]]:
    asked = [each.order_by().values("pk").query.sql_with_params() for each in rows.values()]
    counts = ", ".join(f"(SELECT count(*) FROM ({sql}) AS rows)" for sql, _ in asked)  # noqa: S608  (Made by Django.)
    return f"SELECT {counts}", [value for _, params in asked for value in params]
