"""How many rows there are of several kinds, asked at once."""

from django.db import connection
from django.db.models import QuerySet


def count_all(**rows: QuerySet) -> dict[str, int]:
    """The number of each of these rows, in one statement. Fast where each has an index of its own."""
    asked = [each.order_by().values("pk").query.sql_with_params() for each in rows.values()]
    counts = ", ".join(f"(SELECT count(*) FROM ({sql}) AS rows)" for sql, _ in asked)  # noqa: S608  (Made by Django.)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", [value for _, params in asked for value in params])
        return dict(zip(rows, cursor.fetchone(), strict=True))
