from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from clinic import whose_database
from clinic.database_limits import PatientCommand


class Command(PatientCommand, migrate.Command):
    """Django's own, which may wait for a lock and work on a large table for as long as that takes."""

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--claim", action="store_true", help="a database that does not say whose it is becomes this site's"
        )

    def handle(self, *args: Any, claim: bool = False, **options: Any) -> None:
        is_ours = options["database"] == DEFAULT_DB_ALIAS and not options["plan"] and not options["check_unapplied"]
        if is_ours:
            try:
                found = whose_database.look(claim=claim)
            except whose_database.AnotherSites as refusal:
                raise CommandError(str(refusal)) from refusal
        super().handle(*args, **options)
        # Whose it is may have been unknown until now, since there was no table to say it.
        if is_ours and found is whose_database.Found.UNCLAIMED and whose_database.can_be_claimed():
            whose_database.claim()
