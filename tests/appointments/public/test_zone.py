"""Whose clock a time is by: each page with a time says the clinic's zone once among its words."""

import re

import pytest
import time_machine
from django.core.management import call_command

from appointments.models import Appointment
from appointments.scheduling import slot_codes
from tests import make
from tests.appointments.public.test_reading import ADDRESSES, TUESDAY, inquiries
from tests.patient import Patient

pytestmark = pytest.mark.django_db
A_TIME = re.compile(r"\d (?:a|p)\.m\.|\bnoon\b|\bmidnight\b")


def words(html: str) -> str:
    """What stands between header and footer, without the cards beside it: the opening hours there say the zone, too."""
    main = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"<aside\b.*?</aside>|<[^>]+>", " ", main, flags=re.DOTALL)


def test_every_page_with_a_time_says_the_zone_once_in_every_state():
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
        call_command("load_content", verbosity=0)
        make.clinic().opening_hours.create(weekday=0, opens="09:00", closes="17:00")
        made = inquiries()
        code = slot_codes.encode(make.slots(Appointment.objects.first().practitioner, TUESDAY)[-1])
        found, seen = [], {True: 0, False: 0}
        for address in (each for several in ADDRESSES.values() for each in several):
            for name, inquiry in made.items() if "{key}" in address else [("", None)]:
                answer = Patient().get(address.format(key=inquiry.key if inquiry else "", slot=code))
                if "<main" not in answer.content.decode():
                    continue  # Redirections, and files.
                said = words(answer.content.decode())
                has_time = A_TIME.search(said) is not None
                seen[has_time] += 1
                if said.count("New York time") != has_time:
                    found.append((address, name, said.count("New York time"), has_time))

    assert found == []
    assert min(seen.values()) > 20
