"""`make bench`: how long it takes what people wait for, beside its floor, as Markdown. ROUNDS=200 is more exact."""

import os
import platform

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from tests.bench import times  # noqa: E402
from tests.bench.measure import in_turns, table  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "50"))
GROUPS = {"Free times": times.rows}


def where() -> str:
    """What the figures depend on beside the machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync') = 'on'")
        version, is_durable = cursor.fetchone()
    durable = "durable" if is_durable else "not durable (fsync off)"
    return (
        f"Python {platform.python_version()}, Django {django.__version__}, Postgres {version}, {durable}; "
        f"medians of {ROUNDS} rounds, in turns."
    )


def main() -> None:
    database = settings.DATABASES["default"]["NAME"]
    # Not the tests' own database: they may be running beside.
    connection.settings_dict["TEST"]["NAME"] = f"bench_{database}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        print(where())
        for name, rows_of in GROUPS.items():
            rows = rows_of()
            in_turns(rows, ROUNDS)
            print(f"\n### {name}\n", *table(rows), sep="\n", flush=True)
    finally:
        connection.creation.destroy_test_db(database, verbosity=0)


if __name__ == "__main__":
    main()
