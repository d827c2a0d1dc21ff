from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand, CommandError

from clinic.accounts import mail_proof
from clinic.models import Clinic


class Command(BaseCommand):
    """In place of Django's, which sends from webmaster@localhost: whether a server takes that says nothing of ours."""

    help = "Send a mail from the clinic's own address at once, and say whether the mail server took it."

    def add_arguments(self, parser):
        parser.add_argument("email", nargs="+")

    def handle(self, *, email: list[str], **options: Any) -> None:
        clinic, how = Clinic.current(), settings.MAILERS["default"].get("OPTIONS", {})
        words = f"This is a test from {clinic.name}. If you read it, the site's mails leave their machine."
        try:
            EmailMessage("A test from the clinic's site", words, clinic.sender, email).send()
        except OSError as error:  # Those of smtplib are among them.
            raise CommandError(f"{mail_proof.server()} did not take it from {clinic.email}: {error}") from error
        if "email" in clinic.placeholders():
            self.stderr.write(f"It came from {clinic.email}, a placeholder: enter the clinic's address in the admin.")
        if not how.get("host"):
            raise CommandError(f"EMAIL_URL is not set: nobody was mailed. The mail lies in {how.get('file_path')}.")
        self.stdout.write(f"{mail_proof.server()} took it from {clinic.email}. Look whether it is among spam.")
