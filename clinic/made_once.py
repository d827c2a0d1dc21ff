"""
Statements that pages ask all day, made once for the process: to make one of a queryset takes longer than to ask it.
And rows as only() and select_related() read them, made in half the time.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

type SQL = tuple[str, Sequence[Any]]
type Given = datetime | date | int | str


class Statement:
    """
    One of named moments, days, ids and words, which are other ones each time. `make` makes it of what it is given, and
    may ask for nothing else that changes: no clock, no zone. Moments may be moved by some months at most, days, ids and
    words not at all; ids are those of keys. TypeError where one of them is not found again in what was made.
    """

    def __init__(self, make: Callable[..., SQL]):
        self.make = make
        self._made: tuple[str, list[Any], list[tuple[int, str, timedelta | None]]] | None = None

    def ask(self, **given: Given) -> list[tuple[Any, ...]]:
        sql, params, places = self._made = self._made or self._make(given)
        filled = list(params)
        for place, name, later in places:
            # As far from the moment itself as the rows are: ten minutes before now.
            filled[place] = given[name] if later is None else given[name] + later  # type: ignore[operator]
        with connection.cursor() as cursor:
            cursor.execute(sql, filled)
            return cursor.fetchall()

    def _make(self, given: Mapping[str, Given]) -> tuple[str, list[Any], list[tuple[int, str, timedelta | None]]]:
        """With moments of centuries that no row is of, and days, ids and words that no row has."""
        moments: dict[int, tuple[str, datetime]] = {}
        others: dict[Given, str] = {}
        stands_for: dict[str, Given] = {}
        for number, (name, value) in enumerate(given.items(), start=1):
            if isinstance(value, datetime):
                at = datetime(3000 + 100 * number, 6, 1, tzinfo=UTC)
                moments[at.year // 100], stands_for[name] = (name, at), at
            else:
                is_day, is_word = isinstance(value, date), isinstance(value, str)
                other = date(3000, 1, number) if is_day else f"given {name}" if is_word else -(10**9) - number
                others[other], stands_for[name] = name, other
        sql, params = self.make(**stands_for)
        places: list[tuple[int, str, timedelta | None]] = []
        for place, param in enumerate(params):
            if isinstance(param, datetime) and param.year // 100 in moments:
                name, at = moments[param.year // 100]
                places.append((place, name, param - at))
            elif isinstance(param, date | int | str) and param in others:
                places.append((place, others[param], None))
        if missing := given.keys() - {name for _, name, _ in places}:
            raise TypeError(f"the statement has no place of its own for {', '.join(missing)}")
        return sql, list(params), places


class Fields[Row: Model]:
    """
    Which fields of a model are read, all where none are named, and which of the rows that the names in `beside` lead
    to, like "appointment" and, after it, "appointment__practitioner". It reads as only() and select_related() do, in
    half the time.
    """

    def __init__(self, model: type[Row], fields: Sequence[str] = (), beside: Mapping[str, Sequence[str]] | None = None):
        self.model, self.fields, self.beside = model, fields, beside or {}

    def read(self, rows: QuerySet[Row]) -> list[Row]:
        try:
            sql, params = self.sql(rows)
        except EmptyResultSet:
            return []
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return [self.row(values) for values in cursor.fetchall()]

    def sql(self, rows: QuerySet[Row]) -> SQL:
        columns = [f"{part.name}__{each}" if part.name else each for part in self._parts for each in part.columns]
        return rows.select_related(None).values_list(*columns).query.sql_with_params()

    def row(self, values: tuple[Any, ...]) -> Row:
        own, *beside = self._parts
        row: Any = own.row(values)
        made: dict[str, Model] = {"": row}
        for part in beside:
            if values[part.key] is not None:
                made[part.name] = part.row(values)
                setattr(made[part.holder], part.field, made[part.name])
        return row

    @cached_property
    def _parts(self) -> "list[_Part]":
        parts: list[_Part] = []
        models: dict[str, Any] = {}
        for name, fields in {"": self.fields, **self.beside}.items():
            holder, _, field = name.rpartition("__")
            model = models[name] = models[holder]._meta.get_field(field).related_model if name else self.model
            leads_on = [to for by, _, to in (each.rpartition("__") for each in self.beside) if by == name]
            known = model._meta.concrete_fields
            read = [each for each in known if not fields or each.primary_key or each.name in (*fields, *leads_on)]
            if any(hasattr(each, "from_db_value") for each in read):
                raise TypeError(f"{model.__name__}: Django makes another value of what the database says")
            columns, start = [each.attname for each in read], parts[-1].stop if parts else 0
            key = start + columns.index(model._meta.pk.attname)
            stop = start + len(columns)
            parts.append(_Part(name, holder, field, model, columns, frozenset(columns), start, stop, key))
        return parts


class Rows[Row: Model]:
    """The rows of a queryset by a statement that is made once."""

    def __init__(self, fields: Fields[Row], rows: Callable[..., QuerySet[Row]]):
        self.fields = fields
        self._statement = Statement(lambda **given: fields.sql(rows(**given)))

    def __call__(self, **given: Given) -> list[Row]:
        return [self.fields.row(values) for values in self._statement.ask(**given)]


class _Part(NamedTuple):
    """
    Whose columns those from `start` to `stop` are: of the model that `name` leads to, by a `field` of the `holder`, or
    the row's own.
    """

    name: str
    holder: str
    field: str
    model: type[Model]
    columns: list[str]
    # The same, where they are looked for.
    known: frozenset[str]
    start: int
    stop: int
    key: int

    def row(self, values: tuple[Any, ...]) -> Model:
        return self.model.from_db(connection.alias, self.known, values[self.start : self.stop])
