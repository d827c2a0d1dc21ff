"""
Django's flush after a test with real transactions, by deleting the few rows that there are.

Django truncates all tables, a hundred, and makes permissions and roles anew: both take longer than most of these tests.
Here the rows of what it makes are put back as they were.
"""

from collections.abc import Iterable
from typing import Any

from django.core.management.commands import flush
from django.db import connection

# What Django and our roles make after each migrate.
MADE = ("django_content_type", "auth_permission", "auth_group", "auth_group_permissions")
# No trigger, so no history and no refusal; and no order in which one row needs another. The tests' user may do that.
WITHOUT_TRIGGERS = "SET LOCAL session_replication_role = replica"
_put_back: list[str] = []


def begin() -> None:
    """Let Django flush like this from now on, in a database that no test has written to."""
    with connection.cursor() as cursor:
        for table in MADE:
            cursor.execute(f"SELECT json_agg(made)::text FROM {table} made")  # noqa: S608
            rows = cursor.fetchone()[0].replace("'", "''")
            row_by_row = f"json_populate_recordset(NULL::{table}, '{rows}')"
            _put_back.append(f"INSERT INTO {table} SELECT * FROM {row_by_row}")  # noqa: S608
    # Of the class: a browser's tests may run where Django makes another connection.
    type(connection.ops).sql_flush = sql_flush
    flush.emit_post_migrate_signal = lambda *_args, **_how: None


def sql_flush(_operations: Any, style: Any, tables: Iterable[str], **how: Any) -> list[str]:
    """Stands in for the backend's own."""
    return [*emptied(tables), *_put_back]


def emptied(tables: Iterable[str]) -> list[str]:
    """The statements that leave all of these tables empty, once who still writes to them is through."""
    named = [connection.ops.quote_name(table) for table in tables]
    return [
        f"LOCK TABLE {', '.join(named)} IN SHARE ROW EXCLUSIVE MODE",
        WITHOUT_TRIGGERS,
        "; ".join(f"DELETE FROM {table}" for table in named),  # noqa: S608
    ]
