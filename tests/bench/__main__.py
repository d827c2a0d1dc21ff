"""
`make bench`: what people wait for, beside its floor, as Markdown.

ROUNDS=200 is more exact, ONLY="pages times" chooses, ARGS="--json FILE" writes the figures, too.
"""

import argparse
import json
import os
import platform
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from tests.bench.groups import GROUPS  # noqa: E402
from tests.bench.measure import Figure, figures  # noqa: E402


def where() -> str:
    """What the figures depend on beside the machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync') = 'on'")
        version, is_durable = cursor.fetchone()
    durable = "durable" if is_durable else "NOT durable (fsync off)"
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"Python {platform.python_version()}, Django {django.__version__}, Postgres {version}, {durable}; "
        f"{os.cpu_count()} cores, load {load}; medians of rounds in turns."
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    arguments = parser.parse_args()
    database = settings.DATABASES["default"]["NAME"]
    # Not the tests' own database: they may be running beside.
    connection.settings_dict["TEST"]["NAME"] = f"bench_{database}"
    measured: dict[str, list[Figure]] = {}
    for name in os.environ.get("ONLY", " ".join(GROUPS)).split():
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            if not measured:
                print(where())
            print(f"\n### {name.capitalize()}\n", flush=True)
            measured[name] = []
            for said in GROUPS[name]():
                if isinstance(said, str):
                    print(f"Not measured: {said}\n")
                else:
                    measured[name].append(said)
            print(*figures(measured[name]), sep="\n", flush=True)
        finally:
            connection.close()
            connection.creation.destroy_test_db(database, verbosity=0)
    if arguments.json:
        rows = {name: [vars(row) | {"is_kept": row.is_kept} for row in rows] for name, rows in measured.items()}
        arguments.json.write_text(json.dumps({"where": where(), "figures": rows}, indent=1))


if __name__ == "__main__":
    main()
