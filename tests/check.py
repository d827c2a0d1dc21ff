"""
Everything that `make check` asks, each with one line; all are run, and one failure fails all.

`python -m tests.check format lint` runs only those.
"""

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

from clinic.local import localdb

BIN = Path(sys.executable).parent
PYTHON = [sys.executable, "-W", "error::DeprecationWarning:clinic", "manage.py"]

READING = "reading"


def main() -> None:
    # Found, and not asked of git: a release is unpacked without it.
    templates = sorted(str(path) for path in Path("templates").rglob("*.html"))
    database = localdb.url(localdb.ensure(localdb.ROOT / ".local" / "test-postgres", durable=False))
    production = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_URL": "https://clinic.example",
        "DATABASE_URL": database,
        "EMAIL_URL": "smtp+tls://mail.example",
        "DEBUG": "0",
        "SECURITY_EXPIRES": "2099-01-01",
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
    }
    checks = {
        "format": ("Code is formatted", [BIN / "ruff", "format", "--check", "--quiet"]),
        "lint": ("Code is clean", [BIN / "ruff", "check", "--quiet"]),
        "templates": ("Templates are formatted", [BIN / "djade", "--check", "--target-version", "6.1", *templates]),
        "imports": ("Imports keep to the layers", [BIN / "lint-imports"]),
        "types": ("Types fit", [BIN / "mypy"]),
        "secrets": ("No secret is in the repository", [sys.executable, "-m", "tests.secret_scan"]),
        "migrations": ("Migrations are complete", [*PYTHON, "makemigrations", "--check", "--dry-run"]),
        READING: ("Content reads at grade 8 or below", [sys.executable, "-m", "tests.reading"]),
        "deploy": ("Deployment check as https production", [*PYTHON, "check", "--deploy", "--fail-level", "WARNING"]),
    }
    failed = 0
    asked = sys.argv[1:] or list(checks)
    if unknown := set(asked) - set(checks):
        sys.exit(f"There is no check named {', '.join(sorted(unknown))}: {', '.join(checks)}.")
    for name in asked:
        sentence, command = checks[name]
        began = time.monotonic()
        ran = subprocess.run(command, env=os.environ | production, capture_output=True, text=True)
        print(
            f"{'ok  ' if ran.returncode == 0 else 'FAIL'} {sentence:44} {time.monotonic() - began:5.1f} s", flush=True
        )
        failed += bool(ran.returncode)
        if ran.returncode or name == READING:
            print((ran.stdout + ran.stderr).rstrip(), flush=True)
    print(f"{len(asked) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
