import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from appointments.models import Email, MailState
from appointments.records import erasures_kept
from clinic import whose_database
from clinic.database_limits import PatientCommand
from clinic.operations.backups import archive, databases, dumps, failures
from clinic.operations.backups.archive import Manifest


class Command(PatientCommand):
    help = (
        "As the owner: bring a backup into the empty database that DATABASE_URL names. Mails wait until release_mails."
    )
    # There is nothing yet that they could look at.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="a backup, as manage.py backup made it")
        parser.add_argument("--identity", type=Path, help="the file of the private key, for age; gpg finds its own")
        parser.add_argument("--erasures", type=Path, help="the list of erasures; otherwise the one beside the backup")
        parser.add_argument("--adopt", action="store_true", help="another site's database becomes this one's")

    def handle(self, *, file: Path, identity: Path | None, erasures: Path | None, adopt: bool, **options: Any) -> None:
        with failures.in_a_sentence(), tempfile.TemporaryDirectory() as private:
            self._restore(file, Path(private), identity, erasures or file.parent / erasures_kept.NAME, adopt)

    def _restore(self, file: Path, private: Path, identity: Path | None, erasures: Path, adopt: bool) -> None:
        database = databases.ours()
        if not dumps.is_empty(database):
            raise CommandError("The database is not empty: make a new one, and name it in DATABASE_URL.")
        manifest = archive.read(file, private, identity)
        is_ours = manifest.site in ("", whose_database.our_name()) or settings.ANY_DATABASE
        if not (is_ours or adopt):
            raise CommandError(
                f"This backup is another site's ({manifest.site}, and this is {whose_database.our_name()}): with "
                "--adopt its database becomes this one's."
            )
        dumps.load(private / archive.DUMP, database)
        dumps.compare(database, manifest)
        self.stdout.write(f"Restored: {len(manifest.contents.tables)} tables, {manifest.contents.rows} rows, compared.")
        connection.close()  # What was known of the empty database is not true any longer.
        if adopt:
            whose_database.claim()
            self.stdout.write(f"The database belongs to {whose_database.our_name()} now.")
        call_command("migrate", verbosity=0, interactive=False)
        self._erase_again((private / archive.ERASURES).read_text(), erasures)
        self._say_what_is_lost(manifest)

    def _erase_again(self, in_backup: str, beside: Path) -> None:
        kept = in_backup.splitlines()
        if beside.is_file():
            kept += beside.read_text().splitlines()
        else:
            self.stdout.write(f"There is no {beside}: what was erased after the backup is here again.")
        replayed = erasures_kept.replay(dict.fromkeys(kept))
        self.stdout.write(f"Erased again: {replayed.erased} inquiries.")
        if replayed.left:
            self.stdout.write(f"NOT erased, erase them by hand: {', '.join(map(str, replayed.left))}")

    def _say_what_is_lost(self, manifest: Manifest) -> None:
        now = timezone.now()
        lost = int((now - manifest.taken_at).total_seconds())
        self.stdout.write(
            f"Lost is what was written between {_shown(manifest.taken_at)} and {_shown(now)} "
            f"({lost:,} seconds). The newest row is from {manifest.newest_row or 'never'}."
        )
        waiting = Email.objects.filter(state=MailState.WAITING).count()
        self.stdout.write(f"{waiting} mails wait, and none goes out before: manage.py release_mails")
        self.stdout.write("Everybody of staff signs in anew. Give the roles what they need: manage.py database_roles")


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S%z}"
