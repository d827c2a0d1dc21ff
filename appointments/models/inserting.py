"""Inserting a row by a statement that is made once for its table: a submission inserts three."""

from functools import cache, lru_cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, CharField, IntegerField, Model, TextField

from clinic.made_once import SQL


def insert(row: Model, *, unless_there: bool = False, room: SQL | None = None) -> bool:
    """
    Insert the row with its defaults, like save(force_insert=True), and say whether it is stored.

    `unless_there` stores nothing where another row has one of its unique values; else that is an IntegrityError. Nor is
    anything stored where `room`, a WITH and what it is given, finds none.
    save() makes the statement column by column each time, which takes longer than running it. Columns that stay empty
    are left out: psycopg remembers no statement with more than fifty values, and would read it anew each time.
    """
    values: dict[str, Any] = {}
    held = vars(row)
    for name, column, is_plain, has_default, field in _columns(type(row)):
        value = held[name]
        if value is None and not has_default:
            continue
        if not (is_plain and type(value) in _PLAIN):
            value = field.get_db_prep_save(value, connection)
        values[column] = value
    counted, given = room or ("", ())
    statement = _statement(type(row)._meta.db_table, tuple(values), unless_there, room is not None)
    with connection.cursor() as cursor:
        cursor.execute(f"{counted} {statement}", [*given, *values.values()])
        inserted = cursor.fetchone()
    if inserted is None:
        return False
    (row.pk,) = inserted
    row._state.adding, row._state.db = False, connection.alias
    return True


# Values that Postgres gets as they are, where such a field has them. To ask the field takes twice as long as all else.
_PLAIN = (str, int, bool)
_OF_PLAIN = (CharField, TextField, IntegerField, BooleanField)


@cache
def _columns(model: type[Model]) -> list[tuple[str, Any, bool, bool, Any]]:
    """Each field with its name in a row and its column, whether plain values stay as they are, and has a default."""
    stored = [field for field in model._meta.concrete_fields if not field.primary_key and not field.generated]
    return [
        (field.attname, field.column, isinstance(field, _OF_PLAIN), field.has_db_default(), field) for field in stored
    ]


@lru_cache(maxsize=64)
def _statement(table: str, columns: tuple[str, ...], unless_there: bool, in_room: bool) -> str:
    table, *names = map(connection.ops.quote_name, (table, *columns))
    values = ", ".join(["%s"] * len(names))
    source = f"SELECT {values} FROM room" if in_room else f"VALUES ({values})"  # noqa: S608  (Ours.)
    conflict = "ON CONFLICT DO NOTHING" if unless_there else ""
    return f"INSERT INTO {table} ({', '.join(names)}) {source} {conflict} RETURNING id"
