"""Inserting a row by a statement that is made once for rows that are filled in like it: a submission inserts three."""

from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, CharField, IntegerField, Model, TextField
from psycopg import sql

from clinic.made_once import SQL


def insert(row: Model, *, unless_there: bool = False, room: SQL | None = None) -> bool:
    """
    Insert the row with its defaults, like save(force_insert=True), and say whether it is stored.

    `unless_there` stores nothing where another row has one of its unique values; else that is an IntegrityError. Nor is
    anything stored where `room`, a WITH and what it is given, finds none.
    save() makes the statement column by column each time, which takes longer than running it. Columns that stay empty
    are left out, and what is usual stands in the statement: psycopg looks at each value by itself, and remembers no
    statement with more than fifty.
    """
    values: dict[str, Any] = {}
    held = vars(row)
    for name, column, usual, plain, prepare in _columns(type(row)):
        value = held[name]
        if value != usual:
            values[column] = value if type(value) is plain else prepare(value)
    counted, given = room or ("", ())
    statement = _statement(type(row), tuple(values), unless_there, room is not None)
    with connection.cursor() as cursor:
        cursor.execute(f"{counted} {statement}", [*given, *values.values()])
        inserted = cursor.fetchone()
    if inserted is None:
        return False
    (row.pk,) = inserted
    row._state.adding, row._state.db = False, connection.alias
    return True


# What Postgres gets as it is, where such a field has it. To ask the field takes twice as long as all else.
_PLAIN = {CharField: str, TextField: str, IntegerField: int, BooleanField: bool}
_NEVER_THE_SAME = object()


class _Column(NamedTuple):
    # Of a row.
    name: str
    column: str
    # What it has where nobody has set it.
    usual: Any
    # The type of values that are stored as they are, and what makes others so.
    plain: type | None
    prepare: Callable[[Any], Any]


@cache
def _columns(model: type[Model]) -> list[_Column]:
    stored = [field for field in model._meta.concrete_fields if not field.primary_key and not field.generated]
    return [_column(field) for field in stored]


def _column(field: Any) -> _Column:
    is_made = callable(field.default) if field.has_default() else field.has_db_default()
    usual = _NEVER_THE_SAME if is_made else field.get_default()
    plain = next((stored for kind, stored in _PLAIN.items() if isinstance(field, kind)), None)
    return _Column(field.attname, field.column, usual, plain, partial(field.get_db_prep_save, connection=connection))


@lru_cache(maxsize=64)
def _statement(model: type[Model], unusual: tuple[str, ...], unless_there: bool, in_room: bool) -> str:
    values = {each.column: _literal(each.usual) for each in _columns(model)} | dict.fromkeys(unusual, "%s")
    quoted = connection.ops.quote_name
    stored = {quoted(column): value for column, value in values.items() if value}
    names, listed = ", ".join(stored), ", ".join(stored.values())
    source = f"SELECT {listed} FROM room" if in_room else f"VALUES ({listed})"  # noqa: S608  (Ours.)
    conflict = "ON CONFLICT DO NOTHING" if unless_there else ""
    return f"INSERT INTO {quoted(model._meta.db_table)} ({names}) {source} {conflict} RETURNING id"


def _literal(usual: Any) -> str:
    """Nothing of what is made for each row, or empty."""
    if usual is None or usual is _NEVER_THE_SAME:
        return ""
    return sql.quote(str(usual) if isinstance(usual, str) else usual).replace("%", "%%")
