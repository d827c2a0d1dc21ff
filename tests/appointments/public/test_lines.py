"""Where a line of a page may end: not within a time, a date, a phone number or a reference."""

import re

import pytest
import time_machine
from django.core.management import call_command

from appointments.models import Appointment
from appointments.scheduling import slot_codes
from tests import make
from tests.appointments.public.test_reading import ADDRESSES, TUESDAY, inquiries
from tests.patient import Patient
from tests.plain_spaces import AS_SENT

pytestmark = pytest.mark.django_db
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
MAY_BREAK = re.compile(rf"\d [ap]\.m\.|\b(?:{MONTHS}) \d")
# What holds these together: no line ends within a phone number that is a link by itself, or within class "nb".
KEPT = re.compile(
    r'<(\w+)[^>]*class="(?:nb|reference)"[^>]*>[^<]*</\1>|<a [^>]*href="tel:[^>]*translate="no">[^<]*</a>'
)
CODE = re.compile(r"\(\d{3}\) \d{3}-\d{4}|\b[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}\b")


def test_no_line_ends_within_a_time_a_date_a_number_or_a_reference():
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
        call_command("load_content", verbosity=0)
        make.clinic().opening_hours.create(weekday=0, opens="09:00", closes="17:00")
        made = inquiries()
        code = slot_codes.encode(make.slots(Appointment.objects.first().practitioner, TUESDAY)[-1])
        found, looked_at = set(), 0
        for address in (each for several in ADDRESSES.values() for each in several):
            for inquiry in made.values() if "{key}" in address else [None]:
                at = address.format(key=inquiry.key if inquiry else "", slot=code)
                html = Patient().get(at, headers={AS_SENT: "1"}).content.decode()
                if "<main" not in html:
                    continue  # Redirections, and files.
                body = html.split("<body")[1]
                looked_at += "\N{NO-BREAK SPACE}" in body
                said = re.sub(r"<[^>]+>", "", KEPT.sub("", body))
                found |= {(address, words) for words in MAY_BREAK.findall(said) + CODE.findall(said)}

    assert looked_at > 20
    assert found == set()
