"""Inserting a row by a statement that is made once for its table: a submission inserts three."""

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model


def insert(row: Model, *, unless_there: bool = False) -> bool:
    """
    Insert the row with its defaults, like save(force_insert=True), and say whether it is stored.

    `unless_there` stores nothing where another row has one of its unique values; else that is an IntegrityError.
    save() makes the statement column by column each time, which takes longer than running it.
    """
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in _columns(type(row))]
    with connection.cursor() as cursor:
        cursor.execute(_statement(type(row), unless_there), values)
        inserted = cursor.fetchone()
    if inserted is None:
        return False
    (row.pk,) = inserted
    row._state.adding, row._state.db = False, connection.alias
    return True


def _columns(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.primary_key and not field.generated]


@cache
def _statement(model: type[Model], unless_there: bool) -> str:
    names = (model._meta.db_table, *(field.column for field in _columns(model)))
    table, *columns = map(connection.ops.quote_name, names)
    values = ", ".join(["%s"] * len(columns))
    conflict = "ON CONFLICT DO NOTHING" if unless_there else ""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values}) {conflict} RETURNING id"  # noqa: S608  (Names of ours.)
