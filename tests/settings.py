"""The site's own settings as production reads them, with a Postgres that forgets (fsync off) and nothing outside."""

import os

from clinic.local import localdb

for name in (
    "ENV_FILE",
    "BIND",
    "EMAIL_URL",
    "ALLOWED_HOSTS",
    "TRUSTED_PROXIES",
    "HSTS_SUBDOMAINS",
    "HSTS_PRELOAD",
    "SECRET_KEY_FALLBACKS",
    "HEARTBEAT_URL",
    "BACKUP_PUBLIC_KEY",
    "SCRATCH_DATABASE_URL",
    "SECOND_FACTOR",
    "SECOND_FACTOR_KEYS",
    "OIDC_URL",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_SUPERUSERS",
):
    os.environ.pop(name, None)
os.environ |= {
    "SECRET_KEY": "only for tests, long enough for the deployment check: 0123456789abcdefghijklmnopqrstuv",
    "SITE_URL": "http://127.0.0.1:8000",
    "DEBUG": "0",
    # Tests begin with a database that is empty, and flush it.
    "ANY_DATABASE": "1",
    "SECURITY_CONTACT": "",
    "SECURITY_EXPIRES": "2099-01-01",
    "DATABASE_URL": "postgresql:///replaced-below",
}

from clinic.settings import *  # noqa: E402, F403

DATABASES["default"] |= localdb.settings(BASE_DIR / ".local" / "test-postgres", durable=False)  # noqa: F405
# Several runs at once (tests/clocks.py) have a database each.
DATABASES["default"]["TEST"] = {"NAME": os.environ.get("TEST_DATABASE", "test_clinic")}  # noqa: F405
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]  # noqa: F405
MIDDLEWARE = [*MIDDLEWARE, "tests.plain_spaces.plain", "tests.two_stops.refused"]  # noqa: F405
# Hashed names need collected files; tests read them from static/ itself.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
# Hashing a password takes a tenth of a second by design; no test is about that.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"quiet_refusals": {"()": "tests.quiet_refusals.Quiet"}},
    "loggers": {"django.request": {"filters": ["quiet_refusals"]}},
}
