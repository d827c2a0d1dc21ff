from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from appointments.notifications import held
from clinic.database_limits import PatientCommand
from clinic.models import SiteIdentity


def _moment(words: str) -> datetime:
    moment = datetime.fromisoformat(words)
    return moment if moment.tzinfo else timezone.make_aware(moment)


class Command(PatientCommand):
    help = "After a restore: let the mails that wait go out. Until then a worker sends none."

    def add_arguments(self, parser):
        parser.add_argument(
            "--cancel-due-before",
            type=_moment,
            metavar="MOMENT",
            help="those due before then are not sent, as they went out before the restore; like 2026-11-27T12:00+00:00",
        )

    def handle(self, *, cancel_due_before: datetime | None, **options: Any) -> None:
        if not SiteIdentity.mails_are_held():
            raise CommandError("No mails are held.")
        waiting, cancelled = held.release(cancel_due_before=cancel_due_before)
        self.stdout.write(f"{waiting} mails go out when they are due, {cancelled} are canceled.")
