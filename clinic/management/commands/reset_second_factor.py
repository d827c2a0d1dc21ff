from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from clinic.accounts import mails, second_factor


class Command(BaseCommand):
    help = "Take somebody's second factor away, and mail and print the link that sets up a new one."

    def add_arguments(self, parser):
        parser.add_argument("name", help="what they type to sign in")

    def handle(self, *, name: str, **options: Any) -> None:
        user = get_user_model().objects.filter(username=name, is_staff=True, is_active=True).first()
        if user is None:
            raise CommandError(f"No active account of the staff is called {name}.")
        path = reverse("admin:second_step_set_up", args=[second_factor.reset(user)])
        mailed = mails.say_that_the_factor_was_reset(user, path)
        self.stdout.write(f"{name} signs in with the password, then opens this link within 72 hours:")
        self.stdout.write(settings.SITE_URL + path)
        self.stdout.write(
            f"It was mailed to {user.email}." if mailed else "It was NOT mailed: give it to them yourself."
        )
