"""
A new server from pgBackRest's archive, as it was at a moment: for a drill of what keeps each second.

Source: pgBackRest, "Restore: point-in-time recovery"; PostgreSQL 18, 19.5.6 "Recovery Target".
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg

from clinic.operations.backups.databases import Conninfo, ProgramFailed, said

PORT = "5432"
# Of the archive's own settings none counts: they may name folders and addresses of the server that runs.
_TRUST = "local all all trust\n"


@contextmanager
def cluster(stanza: str, moment: datetime | None, like: Conninfo) -> Iterator[Conninfo]:
    """
    A server with what was archived until `moment`, or until now, in a folder of its own; it goes with the block.

    It listens on a socket alone and archives nothing. Raises ProgramFailed.
    """
    if os.geteuid() == 0:
        raise ProgramFailed("Postgres refuses to run as root: run this as the account that reads pgBackRest's archive.")
    with tempfile.TemporaryDirectory(prefix="drill-") as name:
        folder = Path(name)
        data, log = folder / "data", folder / "log"
        data.mkdir(mode=0o700)
        target = ["--type=default"]
        if moment:
            target = ["--type=time", f"--target={moment:%Y-%m-%d %H:%M:%S.%f%z}", "--target-action=promote"]
        _run(["pgbackrest", f"--stanza={stanza}", f"--pg1-path={data}", "--archive-mode=off", *target, "restore"])
        _settings_of_its_own(data, folder)
        control = str(_programs(data) / "pg_ctl")
        try:
            _run([control, "-D", str(data), "-l", str(log), "-w", "start"])
            mine = {"host": name, "port": PORT, "dbname": like["dbname"], "user": like["user"]}
            mine |= {"options": like["options"]}
            while not _answers(mine):
                _run([control, "-D", str(data), "status"])  # A server that gave up says so here.
                time.sleep(0.5)
            yield mine
        finally:
            subprocess.run(
                [control, "-D", str(data), "-m", "immediate", "-w", "stop"], capture_output=True, check=False
            )


def _answers(database: Conninfo) -> bool:
    """Whether all is brought back: until then, a server without hot standby refuses."""
    try:
        psycopg.connect(**database).close()  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        if "not accepting connections" in str(error) or "starting up" in str(error):
            return False
        raise
    return True


def last_change(session: psycopg.Connection) -> datetime | None:
    """When the last transaction was committed that came out of the archive."""
    row = session.execute("SELECT pg_last_xact_replay_timestamp()").fetchone()
    return row[0] if row else None


def _settings_of_its_own(data: Path, folder: Path) -> None:
    (data / "pg_hba.conf").write_text(_TRUST)
    (data / "pg_ident.conf").write_text("")
    (data / "postgresql.conf").write_text(
        f"listen_addresses = ''\nport = {PORT}\nunix_socket_directories = '{folder}'\nhot_standby = off\n"
        "archive_mode = off\nlog_min_error_statement = panic\nlog_error_verbosity = terse\n"
    )


def _programs(data: Path) -> Path:
    """Those of the version that wrote the data: no other reads them."""
    version = (data / "PG_VERSION").read_text().strip()
    return Path(f"/usr/lib/postgresql/{version}/bin")


def _run(command: list[str]) -> None:
    # What it says goes to a file: a pipe would be held open by the server.
    with tempfile.TemporaryFile() as words:
        try:
            done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=words, stderr=words, check=False)
        except FileNotFoundError as error:
            raise ProgramFailed(f"{command[0]} is not on this machine.") from error
        if done.returncode:
            words.seek(0)
            raise ProgramFailed(said(Path(command[0]).name, words.read()))
