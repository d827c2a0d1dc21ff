"""Whether visitors' pages may say something new: one statement, whatever is on them."""

from django.apps import apps
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone


def look() -> tuple[object, ...]:
    """
    What the words of all pages hang on; while it is the same, so are they.

    The database's snapshot names all that was committed, by whomever: two equal ones see the same rows. The last
    moment of settings.PAGES_CHANGE_AT that has passed stands for what was planned, and the minute for the sum of the
    form. Raises a database error where the database does not answer.

    Source: PostgreSQL, pg_current_snapshot().
    """
    now = timezone.now()
    try:
        with connection.cursor() as cursor:
            statement, columns = _statement()
            cursor.execute(statement, [now] * columns)
            return (int(now.timestamp()) // 60, *cursor.fetchone())
    finally:
        close_old_connections()


def _statement() -> tuple[str, int]:
    """The statement, and how often it needs the moment."""
    columns = []
    for path in settings.PAGES_CHANGE_AT:
        model, _dot, field = path.rpartition(".")
        meta = apps.get_model(model)._meta
        table, column = (connection.ops.quote_name(name) for name in (meta.db_table, meta.get_field(field).column))
        columns.append(f"(SELECT max({column}) FROM {table} WHERE {column} <= %s)")  # noqa: S608  (names of ours)
    return f"SELECT {', '.join(['pg_current_snapshot()::text', *columns])}", len(columns)
