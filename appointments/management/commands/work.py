from typing import Any

from django.core.management.base import BaseCommand

from appointments import worker
from clinic import database_limits


class Command(BaseCommand):
    help = "Run a worker: it sends mails, reminds, and erases by night. Several may run, on several machines."

    def add_arguments(self, parser):
        parser.add_argument("--until-done", action="store_true", help="stop when no job is left")

    def handle(self, *, until_done: bool, **options: Any) -> None:
        database_limits.become(database_limits.WORKER)
        worker.run(until_done=until_done)
