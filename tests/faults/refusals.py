"""Ways in which a database that answers takes nothing: a full disk, read-only, held, or out of connections."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from clinic.local import folders
from tests.faults.browsers import Site
from tests.faults.site import Postgres, eventually


@contextmanager
def full(served: Site) -> Iterator[None]:
    """Its table lies on a disk on which nothing is left."""
    with small_disk(served.postgres) as disk:
        if disk is None:
            with said_by_a_trigger(served):
                yield
            return
        with served.postgres.connect() as other:
            other.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
            other.execute("ALTER TABLE appointments_inquiry SET TABLESPACE small")
            other.execute(
                "CREATE TABLE filler (words text STORAGE plain) WITH (autovacuum_enabled = off) TABLESPACE small"
            )
            with pytest.raises(psycopg.errors.DiskFull):
                other.execute("INSERT INTO filler SELECT repeat('x', 7000) FROM generate_series(1, 10000)")
            yield
            other.execute("DROP TABLE filler")
            other.execute("ALTER TABLE appointments_inquiry SET TABLESPACE pg_default")
            other.execute("DROP TABLESPACE small")


@contextmanager
def small_disk(postgres: Postgres) -> Iterator[Path | None]:
    """A folder on a disk of 4 MiB, which Postgres owns; None where this machine lets nobody make one."""
    folder, account = postgres.cluster.own / "small", postgres.cluster.account
    folders.make_folder(folder, 0o700, account)
    owner = f",uid={account.pw_uid},gid={account.pw_gid}" if account else ""
    mount = ["mount", "-t", "tmpfs", "-o", f"size=4m,mode=0700{owner}", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def said_by_a_trigger(served: Site) -> Iterator[None]:
    """What Postgres says itself where its disk is full, with the same code."""
    rows = served.postgres.rows
    rows(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
        " 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
    )
    rows("CREATE TRIGGER full_disk BEFORE INSERT ON appointments_inquiry EXECUTE FUNCTION full_disk()")
    yield
    rows("DROP TRIGGER full_disk ON appointments_inquiry")
    rows("DROP FUNCTION full_disk")


@contextmanager
def read_only(served: Site) -> Iterator[None]:
    with served.postgres.connect() as other:
        other.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        other.execute("SELECT pg_reload_conf()")
        eventually(lambda: served.postgres.rows("SHOW default_transaction_read_only") == [("on",)])
        yield
        other.execute("SET default_transaction_read_only = off")
        other.execute("ALTER SYSTEM RESET default_transaction_read_only")
        other.execute("SELECT pg_reload_conf()")
        eventually(lambda: served.postgres.rows("SHOW default_transaction_read_only") == [("off",)])


@contextmanager
def held(served: Site) -> Iterator[None]:
    with served.postgres.connect() as other, other.transaction():
        other.execute("LOCK TABLE appointments_inquiry IN SHARE MODE")
        yield


@contextmanager
def without_connections(served: Site) -> Iterator[None]:
    """All that there are are somebody else's."""
    taken: list[psycopg.Connection] = []
    first = served.postgres.connect()
    while True:
        try:
            taken.append(served.postgres.connect())
        except psycopg.OperationalError:
            of_others = "FROM pg_stat_activity WHERE pid <> ALL(%s) AND datname IS NOT NULL"
            pids = [each.info.backend_pid for each in (first, *taken)]
            if not first.execute(f"SELECT count(pg_terminate_backend(pid)) {of_others}", [pids]).fetchone()[0]:
                break
    yield
    for each in (first, *taken):
        each.close()
