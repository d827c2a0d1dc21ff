"""A clinic in the cluster's database with more free times than a test's visitors can choose."""

import subprocess
import sys
from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from appointments.scheduling import slot_codes
from clinic.models import Clinic
from tests import make
from tests.cluster.machines import ROOT

PRACTITIONERS, DAYS = 20, 14


def enter() -> list[str]:
    """The codes of all free times."""
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], cwd=ROOT, check=True)
    call_command("migrate", verbosity=0, claim=True)
    call_command("load_content", verbosity=0)
    call_command("demo", verbosity=0)
    Clinic.objects.update(pauses_from=30_000)
    visit = make.visit_type("Visit of the cluster")
    codes = []
    for number in range(PRACTITIONERS):
        person = make.practitioner(f"Doctor {number} of the cluster", visit=visit)
        today = timezone.localdate()
        for day in range(1, DAYS + 1):
            codes += [slot_codes.encode(slot) for slot in make.slots(person, today + timedelta(days=day))]
    return codes
