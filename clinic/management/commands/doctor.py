import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from clinic.operations import doctor
from clinic.operations.doctor.findings import Severity


class Command(BaseCommand):
    help = (
        "Say what is wrong with the site, and what to do. The exit status is 0 where nothing is, 1 for warnings alone, "
        "2 for errors."
    )
    # It says what they find itself.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--quick", action="store_true", help="only what takes less than a second, as the heartbeat")
        parser.add_argument("--json", action="store_true", help="for a program")

    def handle(self, *, quick: bool, **options: Any) -> None:
        found = doctor.look(doctor.Part.QUICK if quick else doctor.Part.WHOLE)
        if options["json"]:
            rows = [each._asdict() | {"severity": each.severity.name.lower()} for each in found]
            self.stdout.write(json.dumps({"findings": rows}, ensure_ascii=False, indent=2))
        else:
            for each in found:
                self.stdout.write(f"{_LABELS[each.severity]} {each.words}\n        {each.to_do}")
            self.stdout.write(f"{len(found)} finding{'s' * (len(found) > 1)}." if found else "Nothing is wrong.")
        sys.exit(max((each.severity for each in found), default=0))


_LABELS = {Severity.WARNING: "warning", Severity.ERROR: "ERROR  "}
