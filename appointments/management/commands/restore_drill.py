import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import CommandError
from django.utils import timezone

from clinic.database_limits import PatientCommand
from clinic.models import ProofKind
from clinic.operations.backups import archive, databases, drills, dumps, proofs, sealing


class Command(PatientCommand):
    help = "For practice: restore the newest backup into a scratch database, let the doctor look at it, and drop it."

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path, help="where the backups are")
        parser.add_argument("--identity", type=Path, help="the file of the private key, for age; gpg finds its own")

    def handle(self, *, directory: Path, identity: Path | None, **options: Any) -> None:
        begun = timezone.now()
        path = archive.newest(directory)
        if path is None:
            raise CommandError(f"There is no backup in {directory}.")
        try:
            with tempfile.TemporaryDirectory() as private:
                self._practice(path, Path(private), identity, begun)
        except psycopg.Error as error:
            raise CommandError(str(error).partition("\n")[0]) from error
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename}") from error
        except (sealing.NoKey, databases.ProgramFailed, dumps.NotTheSame, ValueError) as refusal:
            raise CommandError(str(refusal)) from refusal
        proofs.keep(ProofKind.RESTORE_DRILL, about=path.name)

    def _practice(self, path: Path, private: Path, identity: Path | None, begun: datetime) -> None:
        manifest = archive.read(path, private, identity)
        self.stdout.write(f"The newest backup: {path.name}, of {manifest.taken_at:%Y-%m-%dT%H:%M:%S%z}.")
        with databases.scratch(databases.scratch_server()) as scratch:
            dumps.load(private / archive.DUMP, scratch)
            dumps.compare(scratch, manifest)
            took = (timezone.now() - begun).total_seconds()
            self.stdout.write(
                f"Restored in {took:.0f} seconds and compared: {len(manifest.contents.tables)} tables, "
                f"{manifest.contents.rows} rows, the newest from {manifest.newest_row or 'never'}."
            )
            self.stdout.write(f"The doctor says of it:\n{drills.doctor(scratch)}", ending="")
        lost = int((begun - manifest.taken_at).total_seconds())
        self.stdout.write(f"Had the machine died when this began, {lost:,} seconds would be lost.")
