"""
A migrated database that the tests' own are copied from: migrating takes seconds, copying a tenth of one.

It stays in the tests' cluster until a migration or a dependency changes. Every process of `make test`, each moment of
`make clocks`, and each test that is run alone after an edit, would otherwise migrate from nothing.
"""

import hashlib
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection

APPS = ("clinic", "procedures", "appointments")
PREFIX = "migrated_"
# Any number, that nobody else locks.
LOCK = 4071


def name_for(root: Path) -> str:
    """
    Of the database that these migrations make.

    Code that they call works on rows, and there are none yet. What is done after each migrate, like the roles, Django
    does again in the copy.
    """
    files = [root / "requirements.txt", *(file for each in APPS for file in (root / each / "migrations").rglob("*"))]
    digest = hashlib.sha256()
    for file in sorted(file for file in files if file.is_file() and file.suffix != ".pyc"):
        digest.update(f"{file.relative_to(root)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return f"{PREFIX}{digest.hexdigest()[:16]}"


def ready(*, make: bool = True) -> str | None:
    """Its name, or None where there is none and none is to be made. Processes that ask at once make it once."""
    wanted = name_for(settings.BASE_DIR)
    connection.get_connection_params()  # Starts the cluster, and says where.
    known = connection.settings_dict
    with psycopg.connect(dbname="postgres", host=known["HOST"], user=known["USER"], autocommit=True) as postgres:
        postgres.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        rows = postgres.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]).fetchall()
        there = {name for (name,) in rows}
        if wanted not in there and make:
            for name in there:  # Of sources as they were, or of a process that was killed.
                postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")
            fresh = f"{PREFIX}fresh"
            postgres.execute(f"CREATE DATABASE {fresh}")
            _migrate(fresh)
            postgres.execute(f"ALTER DATABASE {fresh} RENAME TO {wanted}")
        return wanted if wanted in there or make else None


def _migrate(name: str) -> None:
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.close_pool()
        connection.settings_dict["NAME"] = usual
