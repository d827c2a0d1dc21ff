import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, Error, OperationalError, connection
from psycopg.errors import DeadlockDetected, LockNotAvailable

from clinic import whose_database
from clinic.database_limits import PatientCommand

# Any number, that nothing else of ours locks; each database has its own.
LOCK = 4072
# A change of a table waits for the statements before it, and visitors wait behind the change: so long at most.
WAITS = "2s"
TRIES, PAUSE = 6, 5.0  # seconds


class Command(PatientCommand, migrate.Command):
    """Django's own, one at a time, which waits briefly for a table that others use, and tries again."""

    at, is_atomic = "the database", True

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--claim", action="store_true", help="a database that does not say whose it is becomes this site's"
        )

    def handle(self, *args: Any, claim: bool = False, **options: Any) -> None:
        if options["database"] != DEFAULT_DB_ALIAS or options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        with self._alone():
            try:
                found = whose_database.look(claim=claim)
            except whose_database.AnotherSites as refusal:
                raise CommandError(str(refusal)) from refusal
            self._migrate(*args, **options)
            # Whose it is may have been unknown until now, since there was no table to say it.
            if found is whose_database.Found.UNCLAIMED and whose_database.can_be_claimed():
                whose_database.claim()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait for the end of another; by asking, since what waits in the database keeps an index from being built."""
        has_waited = False
        while not _ask("SELECT pg_try_advisory_lock(%s)"):
            if not has_waited:
                self.stderr.write("Another migrate works on this database: this one goes on once it has ended.")
            has_waited = True
            time.sleep(0.5)
        try:
            yield
        finally:
            with suppress(Error):  # What the block raised counts, and a connection that is gone has let go.
                _ask("SELECT pg_advisory_unlock(%s)")

    def _migrate(self, *args: Any, **options: Any) -> None:
        """An atomic migration is applied as a whole or not at all: a try goes on where one was kept waiting."""
        for tried in range(1, TRIES + 1):
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if not (self.is_atomic and isinstance(error.__cause__, LockNotAvailable | DeadlockDetected)):
                    raise
                if tried == TRIES:
                    raise CommandError(
                        f"Others use a table that {self.at} changes, {TRIES} times for longer than {WAITS}: it is not "
                        "applied, and nobody waits for it. Try again when less goes on; pg_stat_activity says what "
                        "runs for long."
                    ) from error
                self.stderr.write(f"Others use a table that {self.at} changes: once more in {PAUSE:g} seconds.")
                time.sleep(PAUSE)
            else:
                return

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        if action in ("apply_start", "unapply_start"):
            self.at, self.is_atomic = str(migration), migration.atomic
            # What is not atomic builds an index beside all others: cut off, it would leave half of one.
            _wait_for_locks(WAITS if migration.atomic else "0")
        elif action in ("apply_success", "unapply_success"):
            _wait_for_locks("0")
        super().migration_progress_callback(action, migration, fake)


def _wait_for_locks(at_most: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{at_most}'")


def _ask(question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [LOCK])
        return cursor.fetchone()[0]
