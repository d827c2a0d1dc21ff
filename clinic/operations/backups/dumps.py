"""A dump that is restored and compared, and a dump that becomes a database."""

import shutil
import subprocess
import tempfile
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from typing import IO, cast

import psycopg

from clinic import whose_database
from clinic.operations.backups import contents, databases
from clinic.operations.backups.archive import Manifest
from clinic.operations.backups.databases import Conninfo, ProgramFailed

# In the same transaction as the rows: no worker sees the restored mails without the hold, and whoever was signed out
# since the dump stays so.
_HELD = """
INSERT INTO public.clinic_siteidentity (id, name, since, mails_held_since) VALUES (1, '', now(), now())
    ON CONFLICT (id) DO UPDATE SET mails_held_since = now();
DELETE FROM public.clinic_staffsession;
DELETE FROM public.django_session;
"""
CHANGED_WHEN_HELD = frozenset(("public.clinic_siteidentity", "public.clinic_staffsession", "public.django_session"))


class NotTheSame(Exception):
    """A restored dump is not what was dumped; the words name the tables."""


def dump(into: Path) -> Manifest:
    """Write our database into the file `into`, and what it held at that moment. Raises ProgramFailed."""
    database = databases.ours()
    with psycopg.connect(**database) as session:  # type: ignore[arg-type]
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        taken_at, snapshot = session.execute("SELECT now(), pg_export_snapshot()").fetchone()  # type: ignore[misc]
        command = ["pg_dump", "--format=custom", "--no-password", f"--snapshot={snapshot}", f"--file={into}"]
        databases.run(command, database)
        newest = contents.newest_row(session)
        return Manifest(taken_at.astimezone(UTC), whose_database.owner(), newest, contents.read(session))


def load(dumped: Path, database: Conninfo, *, held: bool = True) -> None:
    """
    Make the tables and rows of a dump in an empty database, all or nothing. Raises ProgramFailed.

    With `held` no mail goes out of it, and nobody is signed in; without, it is what was dumped.
    """
    # The roles may not be on this server: `database_roles` gives each what it needs.
    read = [databases.program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dumped)]
    write = [databases.program("psql"), "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(read, stdout=subprocess.PIPE, stderr=errors) as reader,
        subprocess.Popen(
            write,
            env=databases.environment(database),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        ) as writer,
    ):
        dumped_rows = cast(IO[bytes], reader.stdout)
        with suppress(BrokenPipeError), cast(IO[bytes], writer.stdin) as script:
            script.write(b"BEGIN;\n")
            shutil.copyfileobj(dumped_rows, script)
            if reader.wait() == 0:  # Without the COMMIT that follows, half a dump is rolled back.
                script.write(f"{_HELD if held else ''}COMMIT;\n".encode())
        dumped_rows.close()
        if reader.wait() or writer.wait():
            errors.seek(0)
            raise ProgramFailed(databases.said("psql" if writer.returncode else "pg_restore", errors.read()))


def compare(database: Conninfo, manifest: Manifest, *, held: bool = True) -> None:
    """Raise NotTheSame unless a database that was just loaded, `held` or not, holds what its backup says."""
    changed = CHANGED_WHEN_HELD if held else frozenset()
    with psycopg.connect(**database) as session:  # type: ignore[arg-type]
        restored = contents.read(session)
    if unlike := [name for name in manifest.contents.differences(restored) if name not in changed]:
        raise NotTheSame(f"The restored dump differs from what was dumped in: {', '.join(unlike)}")


def is_empty(database: Conninfo) -> bool:
    with psycopg.connect(**database) as session:  # type: ignore[arg-type]
        return not contents.tables(session)
