from typing import Any

from django.core.management.base import BaseCommand, CommandError

from appointments import worker
from clinic.schema import OlderThanTheCode
from clinic.whose_database import AnotherSites


class Command(BaseCommand):
    # Checks of models ask the database which version it is: a worker that is started before it waits for it.
    requires_system_checks = []
    help = "Run a worker: it sends mails, reminds, and erases by night. Several may run, on several machines."

    def add_arguments(self, parser):
        parser.add_argument("--until-done", action="store_true", help="stop when no job is left")

    def handle(self, *, until_done: bool, **options: Any) -> None:
        try:
            worker.run(until_done=until_done)
        except (AnotherSites, OlderThanTheCode, worker.ClockIsOff) as refusal:
            raise CommandError(str(refusal)) from refusal
