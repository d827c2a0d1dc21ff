"""What can go wrong with a backup, as a command says it: one sentence, and no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management.base import CommandError

from clinic.operations.backups import databases, dumps, sealing


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """Raise CommandError for what the database, a file, a key or a program of Postgres refuses."""
    try:
        yield
    except psycopg.Error as error:
        raise CommandError(first_line(error)) from error
    except OSError as error:
        raise CommandError(f"{error.strerror}: {error.filename}") from error
    except (sealing.NoKey, databases.ProgramFailed, dumps.NotTheSame, ValueError) as refusal:
        raise CommandError(str(refusal)) from refusal


def first_line(error: psycopg.Error) -> str:
    """The database's own sentence, without the statement that it was about."""
    return str(error).partition("\n")[0]
