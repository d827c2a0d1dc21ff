"""What the doctor says of a restored database: by a process of its own, which takes it for any site's."""

import subprocess
import sys

from django.conf import settings

from clinic.operations.backups import databases
from clinic.operations.backups.databases import Conninfo, ProgramFailed

# What `manage.py doctor` ends with, where it could look: nothing, warnings, errors.
_LOOKED = (0, 1, 2)
_NO_ANSWER = "The database does not answer."


def doctor(database: Conninfo) -> str:
    """Raises ProgramFailed where it could not look."""
    variables = {
        "DATABASE_URL": databases.url(database),
        "DATABASE_URL_FILE": "",  # It names the site's, and both would be refused.
        "ANY_DATABASE": "1",
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
    }
    done = subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "doctor"],
        cwd=settings.BASE_DIR,
        env=databases.environment({}) | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    words = done.stdout.decode()
    if done.returncode not in _LOOKED or not words or _NO_ANSWER in words:
        raise ProgramFailed(databases.said("manage.py doctor", done.stderr))
    return words
