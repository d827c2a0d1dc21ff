from typing import Any

from django.core.management.base import CommandError

from appointments.records import access_log
from clinic.database_limits import PatientCommand


class Command(PatientCommand):
    help = (
        "Compare the access log with the count and the hash that were made of each of its days; fail where one differs."
    )

    def handle(self, **options: Any) -> None:
        if days := [str(day) for day in access_log.differing_days()]:
            raise CommandError(f"The access log is not what it was on {', '.join(days)}.")
        self.stdout.write("Each day of the access log is as it was when it was hashed.")
