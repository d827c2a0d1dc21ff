"""Inserting a row by a statement that is made once for its table: a submission inserts three."""

from functools import cache, lru_cache
from typing import Any

from django.db import connection
from django.db.models import Model


def insert(row: Model, *, unless_there: bool = False) -> bool:
    """
    Insert the row with its defaults, like save(force_insert=True), and say whether it is stored.

    `unless_there` stores nothing where another row has one of its unique values; else that is an IntegrityError.
    save() makes the statement column by column each time, which takes longer than running it. Columns that stay empty
    are left out: psycopg remembers no statement with more than fifty values, and would read it anew each time.
    """
    values = {}
    for field in _columns(type(row)):
        value = field.get_db_prep_save(field.pre_save(row, add=True), connection)
        if value is not None or field.has_db_default():
            values[field.column] = value
    with connection.cursor() as cursor:
        cursor.execute(_statement(type(row)._meta.db_table, tuple(values), unless_there), [*values.values()])
        inserted = cursor.fetchone()
    if inserted is None:
        return False
    (row.pk,) = inserted
    row._state.adding, row._state.db = False, connection.alias
    return True


@cache
def _columns(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.primary_key and not field.generated]


@lru_cache(maxsize=64)
def _statement(table: str, columns: tuple[str, ...], unless_there: bool) -> str:
    table, *names = map(connection.ops.quote_name, (table, *columns))
    values = ", ".join(["%s"] * len(names))
    conflict = "ON CONFLICT DO NOTHING" if unless_there else ""
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values}) {conflict} RETURNING id"  # noqa: S608  (Names of ours.)
