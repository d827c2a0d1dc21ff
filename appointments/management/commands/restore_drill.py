import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import CommandError
from django.utils import timezone

from clinic.database_limits import PatientCommand
from clinic.models import ProofKind
from clinic.operations.backups import (
    archive,
    contents,
    databases,
    drills,
    dumps,
    failures,
    point_in_time,
    proofs,
)


class Command(PatientCommand):
    help = "For practice: restore the newest backup into a scratch database, let the doctor look at it, and drop it."

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path, nargs="?", help="where the backups are")
        parser.add_argument("--identity", type=Path, help="the file of the private key, for age; gpg finds its own")
        parser.add_argument("--stanza", help="instead of a directory: restore pgBackRest's archive into a new server")
        parser.add_argument(
            "--point-in-time",
            type=datetime.fromisoformat,
            metavar="MOMENT",
            dest="until",
            help="with --stanza: as it was then, like 2026-11-27T12:00+00:00; otherwise all that was archived",
        )

    def handle(
        self,
        *,
        directory: Path | None,
        identity: Path | None,
        stanza: str | None,
        until: datetime | None,
        **options: Any,
    ) -> None:
        begun = timezone.now()
        if bool(directory) == bool(stanza) or (until and not stanza):
            raise CommandError("Say a directory, or --stanza, with --point-in-time if you like.")
        with failures.in_a_sentence():
            if stanza:
                about = self._practice_with_archive(stanza, until, begun)
            else:
                about = self._practice(Path(str(directory)), identity, begun)
        proofs.keep(ProofKind.RESTORE_DRILL, about=about)

    def _practice(self, directory: Path, identity: Path | None, begun: datetime) -> str:
        path = archive.newest(directory)
        if path is None:
            raise CommandError(f"There is no backup in {directory}.")
        with tempfile.TemporaryDirectory() as private:
            self._practice_with(path, Path(private), identity, begun)
        return path.name

    def _practice_with(self, path: Path, private: Path, identity: Path | None, begun: datetime) -> None:
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
        self._say_what_would_be_lost(begun - manifest.taken_at)

    def _practice_with_archive(self, stanza: str, moment: datetime | None, begun: datetime) -> str:
        with point_in_time.cluster(stanza, moment, databases.ours()) as database:
            with psycopg.connect(**database) as session:  # type: ignore[arg-type]
                held, last = contents.read(session), point_in_time.last_change(session)
            took = (timezone.now() - begun).total_seconds()
            as_of = f"{last:%Y-%m-%dT%H:%M:%S%z}" if last else "the last full backup"
            self.stdout.write(
                f"Restored into a new server in {took:.0f} seconds: {len(held.tables)} tables, {held.rows} rows, "
                f"as of {as_of}."
            )
            self.stdout.write(f"The doctor says of it:\n{drills.doctor(database)}", ending="")
        if last:
            self._say_what_would_be_lost((moment or begun) - last)
        return f"pgbackrest {stanza}"

    def _say_what_would_be_lost(self, lost: timedelta) -> None:
        seconds = int(lost.total_seconds())
        self.stdout.write(f"Had the machine died at that moment, up to {seconds:,} seconds would be lost.")
