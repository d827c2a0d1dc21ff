from typing import Any

from django.core.management.base import CommandError
from django.db import ProgrammingError, transaction

from clinic.database_limits import PatientCommand
from clinic.operations import database_roles


class Command(PatientCommand):
    help = "As the database's owner: make roles for the web, the worker and the backup, and give each what it needs."

    def add_arguments(self, parser):
        parser.add_argument("--prefix", default=database_roles.PREFIX, help="the roles are called PREFIX_web and so on")

    def handle(self, *, prefix: str, **options: Any) -> None:
        try:
            with transaction.atomic():
                made = database_roles.create(prefix)
                database_roles.grant(prefix)
        except ProgrammingError as error:
            said = str(error).partition("\n")[0]
            raise CommandError(
                f"This account may not do that: {said}. docs/operating.md says what to do then."
            ) from error
        for name in made:
            self.stdout.write(f"{name}: made, without a password. Set one: ALTER ROLE {name} PASSWORD '…'")
        self.stdout.write("Each role has what it needs.")
