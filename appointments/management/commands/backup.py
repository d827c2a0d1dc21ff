import tempfile
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from appointments.records import erasures_kept
from clinic.database_limits import PatientCommand
from clinic.env_file import written
from clinic.models import ProofKind
from clinic.operations.backups import archive, databases, dumps, failures, proofs, sealing


class Command(PatientCommand):
    help = "Dump the database, restore and compare the dump, and keep it sealed to BACKUP_PUBLIC_KEY."

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path, help="where backups and the list of erasures are kept")
        parser.add_argument("--unencrypted", action="store_true", help="who has the file can read all of it")
        parser.add_argument(
            "--env-file",
            type=Path,
            help="keep this file as the settings; unless said, the variables that this command was given itself",
        )
        parser.add_argument(
            "--erasures-only", action="store_true", help="only bring the list of erasures up to date, in a moment"
        )

    def handle(
        self, *, directory: Path, unencrypted: bool, env_file: Path | None, erasures_only: bool, **options: Any
    ) -> None:
        begun = timezone.now()
        key = None if unencrypted else settings.BACKUP_PUBLIC_KEY
        with failures.in_a_sentence():
            if not erasures_only:
                sealing.ending(key)  # Before an hour's work.
                env = env_file.read_text() if env_file else written(settings.GIVEN_SETTINGS_AND_SECRETS)
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            erased = erasures_kept.keep(directory / erasures_kept.NAME)
            self.stdout.write(f"The list of erasures has {len(erased)} lines: {directory / erasures_kept.NAME}")
            if erasures_only:
                return
            try:
                self._back_up(directory, key, env, "".join(f"{line}\n" for line in erased))
            except psycopg.errors.InsufficientPrivilege as error:
                raise CommandError(
                    f"{failures.first_line(error)}: set SCRATCH_DATABASE_URL to a server where the backup may make a "
                    "database."
                ) from error
            self.stdout.write(f"It took {(timezone.now() - begun).total_seconds():.0f} seconds.")

    def _back_up(self, directory: Path, key: str | None, env: str, erasures: str) -> None:
        with tempfile.TemporaryDirectory() as private:
            dump = Path(private) / archive.DUMP
            manifest = dumps.dump(dump)
            self.stdout.write(f"Dumped: {len(manifest.contents.tables)} tables, {manifest.contents.rows} rows.")
            with databases.scratch(databases.scratch_server()) as scratch:
                dumps.load(dump, scratch, held=False)
                dumps.compare(scratch, manifest, held=False)
            self.stdout.write("Restored into a scratch database: each table has the same rows.")
            path = archive.write(directory, manifest, dump=dump, erasures=erasures, env=env, key=key)
        self.stdout.write(f"The settings are in it: {len(env.splitlines())} lines.")
        how = "Kept without encryption" if key is None else "Sealed"
        self.stdout.write(f"{how}: {path}, {path.stat().st_size:,} bytes.")
        proofs.keep(ProofKind.BACKUP, about=path.name)
