import ipaddress
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

from appointments.demo import many
from appointments.management import progress
from clinic import whose_database
from clinic.database_limits import PatientCommand


class Command(PatientCommand):
    help = "Write many fictional inquiries and appointments into a database on this machine, to measure with."

    def add_arguments(self, parser):
        parser.add_argument("--inquiries", type=int, default=1000, help="how many more (1000)")
        parser.add_argument("--appointments", type=int, default=200, help="how many more, half of the others at most")
        parser.add_argument("--seed", type=int, help="a number with which the same are drawn again")

    def handle(self, *, inquiries: int, appointments: int, seed: int | None, verbosity: int, **options: Any) -> None:
        if not settings.IS_LOCAL or not _is_of_this_machine():
            raise CommandError(
                "This invents patients: it runs only where SITE_URL is a loopback host, and the database answers at "
                "a loopback address or a Unix socket."
            )
        try:
            whose_database.refuse_all_but_ours()
        except whose_database.AnotherSites as refusal:
            raise CommandError(str(refusal)) from refusal
        told = progress.show if verbosity else lambda *_: None
        try:
            many.fill(inquiries=inquiries, appointments=appointments, told=told, seed=seed)
        except ValueError as error:
            raise CommandError(str(error)) from error
        if verbosity:
            self.stdout.write(f"{inquiries:,} inquiries and {appointments:,} appointments written")


def _is_of_this_machine() -> bool:
    """Where the connection really leads: names and defaults of many kinds come before it."""
    connection.ensure_connection()
    info = connection.connection.info
    return info.host.startswith(("/", "@")) or ipaddress.ip_address(info.hostaddr).is_loopback
