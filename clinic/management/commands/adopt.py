from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic import whose_database


class Command(BaseCommand):
    help = (
        "Let the database be this site's from now on, for example after a restore or when the site got another host. "
        "A worker then sends the mails that wait in it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not whose_database.can_be_claimed():
            raise CommandError("This database is of an earlier version, and knows no sites: manage.py migrate --claim")
        before, now = whose_database.claim(), whose_database.our_name()
        if before == now:
            self.stdout.write(f"It was this site's already ({now}).")
        else:
            self.stdout.write(f"It belonged to {before or 'nobody'}, and now to {now}.")
