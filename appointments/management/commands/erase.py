from pathlib import Path
from typing import Any

from django.utils import timezone

from appointments.actors import Actor
from appointments.management import progress
from appointments.models import Inquiry
from appointments.records import erasure, erasures_kept
from clinic.database_limits import PatientCommand


class Command(PatientCommand):
    help = "Erase what the clinic need not keep any longer; a worker does the same every night."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say what would be erased")
        parser.add_argument(
            "--again",
            type=Path,
            metavar="FILE",
            help="erase what this list of erasures names and a restore brought back",
        )

    def handle(self, *, dry_run: bool, again: Path | None, verbosity: int, **options: Any) -> None:
        if again:
            replayed = erasures_kept.replay(again.read_text().splitlines())
            self.stdout.write(f"Erased again: {replayed.erased}. Erase by hand: {replayed.left}")
            return
        now = timezone.now()
        for why, inquiries in erasure.due(now):
            pks = list(inquiries.values_list("pk", flat=True))
            if dry_run:
                self.stdout.write(f"{len(pks):8}  {why}")
                continue
            erased = 0
            for number, pk in enumerate(pks, start=1):
                erased += erasure.erase(Inquiry(pk=pk), reason=why, by=Actor.system(), only_if=inquiries)
                progress.show(number, len(pks), why)
            self.stdout.write(f"{erased:8}  {why}: erased")
