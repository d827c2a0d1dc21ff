"""What `make` gives its commands."""

import os
import subprocess

from django.conf import settings


def test_compiled_code_is_kept_whatever_the_machine_says():
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "KEPT": "1"}

    told = subprocess.run(
        ["make", "-s", "-f", "Makefile", "-f", "-", "told"], input="told:\n\t@env\n",
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip

    assert [line for line in told if line.startswith(("PYTHONDONTWRITEBYTECODE=", "KEPT="))] == ["KEPT=1"]
