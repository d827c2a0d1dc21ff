"""Where the site's logs go, and how each is written (server/logs.py). settings.py asks."""

from typing import Any


def settings(*, as_json: bool) -> dict[str, Any]:
    """`as_json` writes a line of JSON for each, as the security log always has it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "clinic.server.logs.LineAsJson" if as_json else "clinic.server.logs.Line",
                "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s",
            },
            "json": {"()": "clinic.server.logs.JsonLine"},
        },
        "filters": {"said": {"()": "clinic.server.logs.SaidByTheWorker"}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["said"]},
            "security": {"class": "logging.StreamHandler", "formatter": "json"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "clinic.security": {"handlers": ["security"], "propagate": False},
            # It says each job that begins and ends.
            "procrastinate": {"level": "WARNING"},
            # It says each try to reach a database that is away; clinic.postgres.outage says it once.
            "psycopg.pool": {"level": "ERROR"},
            # Machines ask for any host, all day, and get 400: it would be a traceback for each. With no handler at all,
            # Python writes it by itself.
            "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
            # runserver has a handler of its own, which writes whole addresses.
            "django.server": {"handlers": ["console"], "propagate": False},
        },
    }
