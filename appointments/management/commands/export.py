from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from appointments.records import export
from clinic.database_limits import PatientCommand


class Command(PatientCommand):
    help = "Write all inquiries, appointments and messages into a folder, as CSV and JSON; the web server need not run."
    # It works also where something else of the site is broken.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path, help="a folder without such files; who has it can read all of them")

    def handle(self, *, directory: Path, **options: Any) -> None:
        try:
            written = export.write(directory)
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename}") from error
        for name, number in written.items():
            self.stdout.write(f"{number:8}  {directory / name}.csv and .json")
