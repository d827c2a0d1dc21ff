from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.formats import date_format
from django.utils.timezone import localtime

from clinic.accounts import emergency, mails, roles
from clinic.models import Clinic

LONGEST = 24 * 60  # minutes


class Command(BaseCommand):
    help = "In an emergency, let somebody of the staff read everything for a while. The managers are mailed."

    def add_arguments(self, parser):
        parser.add_argument("name", help="what they type to sign in")
        parser.add_argument("--minutes", type=int, default=60)
        parser.add_argument(
            "--why",
            required=True,
            help="what has happened; a patient by the reference of their inquiry alone: erasing it blanks this, too",
        )

    def handle(self, *, name: str, minutes: int, why: str, **options: Any) -> None:
        staff = get_user_model().objects.filter(is_staff=True, is_active=True)
        user = staff.filter(username=name).first()
        if user is None:
            raise CommandError(f"No active account of the staff is called {name}.")
        if not 1 <= minutes <= LONGEST:
            raise CommandError(f"--minutes is between 1 and {LONGEST}.")
        if not why.strip():
            raise CommandError("--why says what has happened.")
        access = emergency.begin(user=user, minutes=minutes, why=why.strip())
        until = date_format(localtime(access.ends_at, Clinic.current().zone), "N j, Y, P")
        self.stdout.write(f"Until {until}, {name} may read everything. It ends by itself.")
        managers = staff.filter(groups__name=roles.MANAGER)
        told = [each for each in managers if mails.say_that_glass_was_broken(each, name, until)]
        for each in told:
            self.stdout.write(f"Mailed to {each.email}.")
        if not told:
            self.stderr.write("NO manager could be mailed: tell one yourself.")
