"""What commands that try a backup leave behind: nothing."""

from django.db import connection


def scratch_databases() -> list[str]:
    """Those made of this test's database; another test may be making one of its own on the same server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'scratch%%_of_' || current_database()")
        return [name for (name,) in cursor.fetchall()]
