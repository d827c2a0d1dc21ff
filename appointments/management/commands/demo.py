from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction

from appointments.demo import fictional_clinic, patients, week
from clinic import whose_database
from clinic.database_limits import PatientCommand


class Command(PatientCommand):
    help = "Fill the site on this machine with a fictional clinic's working day. Run twice, it changes nothing more."

    @transaction.atomic
    def handle(self, *, verbosity: int, **options: Any) -> None:
        if not settings.IS_LOCAL:
            raise CommandError("The demo invents patients: it runs only where SITE_URL is a loopback host.")
        try:
            whose_database.refuse_all_but_ours()
        except whose_database.AnotherSites as refusal:
            raise CommandError(str(refusal)) from refusal
        fictional_clinic.enter_clinic()
        ann = fictional_clinic.colleague()
        made = week.book_the_week(ann) + patients.enter_inquiries(ann)
        if verbosity:
            self.stdout.write(f"{made} inquiries entered, those that were there already left as they are")
            self.stdout.write("Patients' own pages, each with what it asks for:")
            for inquiry in patients.with_pages_to_try():
                asks = f"the code {inquiry.code}" if inquiry.shown_code else f"the digits {inquiry.phone_digits}"
                self.stdout.write(f"  {settings.SITE_URL}{inquiry.own_page_url()}  {asks}  ({inquiry.name})")
