import json
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic import whose_database
from clinic.accounts import roles
from clinic.local import kept_accounts

# Name: the role it has; none for the superuser.
NAMES = {
    "admin": None,
    "frontdesk": roles.FRONT_DESK,
    "manager": roles.MANAGER,
    "editor": roles.CONTENT_EDITOR,
    "clinician": roles.CLINICIAN,
}


class Command(BaseCommand):
    help = "Make a superuser and an account for each role, with random passwords, on this machine only."

    def add_arguments(self, parser):
        parser.add_argument(
            "--adopt", action="store_true", help="give accounts of these names that exist already a new password, too"
        )

    @transaction.atomic
    def handle(self, *, adopt: bool, verbosity: int, **options: Any) -> None:
        if not settings.IS_LOCAL:
            raise CommandError("Local accounts are for a SITE_URL on this machine only.")
        try:
            whose_database.refuse_all_but_ours()
        except whose_database.AnotherSites as refusal:
            raise CommandError(str(refusal)) from refusal
        passwords = kept_accounts.kept()
        for name, role in NAMES.items():
            user = get_user_model().objects.filter(username=name).first()
            if user and name not in passwords and not adopt:
                self.stderr.write(f"{name}: an account of that name is there already, and was left alone")
                continue
            password = passwords.setdefault(name, secrets.token_urlsafe(12))
            user = user or get_user_model()(username=name, is_staff=True, is_superuser=role is None)
            if not user.check_password(password):
                user.set_password(password)
            user.save()
            user.groups.add(*Group.objects.filter(name=role))
            if verbosity:
                self.stdout.write(f"{name}: {password}")
        kept_accounts.ACCOUNTS.parent.mkdir(exist_ok=True)
        kept_accounts.ACCOUNTS.touch(mode=0o600)
        kept_accounts.ACCOUNTS.write_text(json.dumps(passwords, indent=2) + "\n")
