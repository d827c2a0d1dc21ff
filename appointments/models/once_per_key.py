from functools import cache
from typing import Any

from django.db import connection, models


class OncePerKeyQuerySet(models.QuerySet):
    """Rows that tell something once, by their `dedupe_key`."""

    def insert_once(self, **fields: Any) -> Any:
        """
        The new row, or None where one of its key is there, maybe since a moment ago: one statement.

        get_or_create() takes four, two of them for a savepoint. bulk_create() can ignore conflicts, and does not say
        whether there was one. As SQL, since each submission does it twice: Django takes longer to make the statement
        than it takes to run.
        """
        row = self.model(**fields)
        values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in _columns(self.model)]
        with connection.cursor() as cursor:
            cursor.execute(_statement(self.model), values)
            inserted = cursor.fetchone()
        if inserted is None:
            return None
        (row.pk,) = inserted
        row._state.adding, row._state.db = False, connection.alias
        return row


def _columns(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@cache
def _statement(model: type[models.Model]) -> str:
    table, *columns = map(
        connection.ops.quote_name, [model._meta.db_table, *(field.column for field in _columns(model))]
    )
    values = ", ".join(["%s"] * len(columns))
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"  # noqa: S608  (Names of ours.)
        " ON CONFLICT DO NOTHING RETURNING id"
    )
