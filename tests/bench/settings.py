"""The tests' settings with a Postgres that keeps what it stores: what is durable takes longer."""

from clinic.local import localdb
from tests.settings import *  # noqa: F403

DATABASES["default"] |= localdb.settings(BASE_DIR / ".local" / "bench-postgres", durable=True)  # noqa: F405
# What looks at every page of the tests is no part of the site.
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("tests.")]  # noqa: F405
