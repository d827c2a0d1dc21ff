"""What a database holds, in numbers that two databases can be compared by: rows and a digest of each table."""

from typing import NamedTuple

import psycopg
from psycopg import sql

_TABLES = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""
# The same whatever the order of the rows; md5 is the same on each machine, and here nobody's secret depends on it.
_DIGEST = """
SELECT count(*), coalesce(sum(('x' || substr(md5(row::text), 1, 16))::bit(64)::bigint::numeric), 0)::text
FROM {} AS row
"""
_SEQUENCES = "SELECT schemaname, sequencename, coalesce(last_value, 0) FROM pg_sequences ORDER BY 1, 2"
_NEWEST = """
SELECT table_schema, table_name, column_name FROM information_schema.columns
WHERE column_name IN ('pgh_created_at', 'created_at', 'written_at') AND data_type = 'timestamp with time zone'
ORDER BY 1, 2, 3
"""


class Table(NamedTuple):
    rows: int
    digest: str


class Contents(NamedTuple):
    tables: dict[str, Table]
    # The last number of each sequence.
    sequences: dict[str, int]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def differences(self, restored: "Contents") -> list[str]:
        """The names of what `restored` has otherwise; a sequence may be ahead, since no snapshot holds it still."""
        names = self.tables.keys() | restored.tables.keys()
        unlike = [name for name in names if self.tables.get(name) != restored.tables.get(name)]
        behind = [name for name, last in self.sequences.items() if restored.sequences.get(name, -1) < last]
        return sorted(unlike + behind)


def tables(session: psycopg.Connection) -> list[tuple[str, str]]:
    return session.execute(_TABLES).fetchall()


def read(session: psycopg.Connection) -> Contents:
    """All that a connection sees; inside one snapshot where its transaction is repeatable read."""
    by_name, sequences = {}, {}
    # A row as words depends on these.
    session.execute("SET LOCAL TIME ZONE 'UTC'")
    session.execute("SET LOCAL extra_float_digits = 3")
    session.execute("SET LOCAL DateStyle = 'ISO'")
    session.execute("SET LOCAL bytea_output = 'hex'")
    session.execute("SET LOCAL IntervalStyle = 'postgres'")
    for schema, name in tables(session):
        counted = session.execute(sql.SQL(_DIGEST).format(sql.Identifier(schema, name))).fetchone()
        by_name[f"{schema}.{name}"] = Table(*counted)  # type: ignore[misc]
    for schema, name, last in session.execute(_SEQUENCES).fetchall():
        sequences[f"{schema}.{name}"] = last
    return Contents(by_name, sequences)


def newest_row(session: psycopg.Connection) -> str:
    """The newest moment at which something was written, in ISO's form; empty where nothing ever was."""
    newest = ""
    for schema, table, column in session.execute(_NEWEST).fetchall():
        query = sql.SQL("SELECT coalesce(to_char(max({}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS'), '') FROM {}")
        found = session.execute(query.format(sql.Identifier(column), sql.Identifier(schema, table))).fetchone()
        newest = max(newest, found[0])  # type: ignore[index]
    return newest
