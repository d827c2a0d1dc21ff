"""How many rows there are of several kinds, asked at once."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet


def count_all(**rows: QuerySet) -> dict[str, int]:
    """The number of each of these rows, in one statement. Fast where each has an index of its own."""
    return _ask(list(rows), *_statement(rows))


class CountedAgain:
    """
    The same for a page that is opened all day: the statement is made once for the process, which takes longer than
    asking it. `rows` makes the rows of named moments, days and ids, which are other ones each time.
    """

    def __init__(self, rows: Callable[..., dict[str, QuerySet]]):
        self.rows = rows
        self._made: tuple[list[str], str, list[Any]] | None = None
        # What stands in the statement for each: moments of centuries that no row is of, days and ids that no row has.
        self._moments: dict[int, str] = {}
        self._others: dict[date | int, str] = {}

    def __call__(self, **given: datetime | date | int) -> dict[str, int]:
        names, sql, params = self._made = self._made or self._make(given)
        return _ask(names, sql, [self._filled(param, given) for param in params])

    def _make(self, given: dict[str, Any]) -> tuple[list[str], str, list[Any]]:
        stands_for: dict[str, Any] = {}
        for place, (name, value) in enumerate(given.items(), start=1):
            if isinstance(value, datetime):
                stands_for[name] = datetime(3000 + 100 * place, 6, 1, tzinfo=UTC)
                self._moments[30 + place] = name
            else:
                stands_for[name] = date(3000, 1, place) if isinstance(value, date) else -(10**9) - place
                self._others[stands_for[name]] = name
        rows = self.rows(**stands_for)
        return list(rows), *_statement(rows)

    def _filled(self, param: Any, given: dict[str, Any]) -> Any:
        if isinstance(param, datetime) and param.year // 100 in self._moments:
            # As far from the moment itself as the rows are: ten minutes before now.
            stood = datetime(param.year // 100 * 100, 6, 1, tzinfo=UTC)
            return given[self._moments[param.year // 100]] + (param - stood)
        return given[self._others[param]] if isinstance(param, date | int) and param in self._others else param


def _statement(rows: dict[str, QuerySet]) -> tuple[str, list[Any]]:
    asked = [each.order_by().values("pk").query.sql_with_params() for each in rows.values()]
    counts = ", ".join(f"(SELECT count(*) FROM ({sql}) AS rows)" for sql, _ in asked)  # noqa: S608  (Made by Django.)
    return f"SELECT {counts}", [value for _, params in asked for value in params]


def _ask(names: list[str], sql: str, params: list[Any]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return dict(zip(names, cursor.fetchone(), strict=True))
