"""A backup counts once it was restored and compared; what was erased after it is erased again."""

import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import environ
import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from appointments.actors import Actor
from appointments.models import Inquiry
from appointments.records import erasure, erasures_kept
from clinic import env_file
from clinic.models import Proof, ProofKind
from clinic.operations import database_roles
from clinic.operations.backups import archive, contents, databases, dumps, sealing
from tests import make
from tests.clinic.operations import backup_keys
from tests.clinic.operations.scratch_databases import scratch_databases

pytestmark = pytest.mark.django_db(transaction=True)


def said(command: str, *arguments: object, **options: object) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def private_key(monkeypatch, settings):
    folder = Path(tempfile.mkdtemp(prefix="gpg-"))
    settings.BACKUP_PUBLIC_KEY = str(backup_keys.make(folder, monkeypatch))
    yield
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.usefixtures("private_key")
def test_a_backup_is_compared_sealed_and_written_down(tmp_path, settings):
    make.inquiry(name="Walter O'Shaughnessy")
    settings.GIVEN_SETTINGS_AND_SECRETS = {"SECRET_KEY": "a secret", "SITE_URL": "https://clinic.example"}

    words = said("backup", tmp_path / "kept")

    path = archive.newest(tmp_path / "kept")
    assert Proof.objects.latest_of(ProofKind.BACKUP)[ProofKind.BACKUP].about == path.name
    assert path.name.endswith(".tar.gpg")
    assert path.stat().st_mode & 0o777 == 0o600
    assert "Restored into a scratch database: each table has the same rows." in words
    assert "a secret" not in words
    assert b"Walter" not in path.read_bytes()
    assert scratch_databases() == []
    unpacked = tmp_path / "unpacked"
    manifest = archive.read(path, unpacked, None)
    assert manifest.contents.tables["public.appointments_inquiry"].rows == 1
    assert env_file.read(unpacked / archive.ENV) == settings.GIVEN_SETTINGS_AND_SECRETS


def test_a_backup_is_sealed_with_age(tmp_path, settings):
    settings.BACKUP_PUBLIC_KEY, private = backup_keys.make_with_age(tmp_path)
    make.inquiry(name="Walter O'Shaughnessy")

    said("backup", tmp_path / "kept")

    path = archive.newest(tmp_path / "kept")
    assert path.name.endswith(".tar.age")
    assert archive.read(path, tmp_path / "unpacked", private).contents.rows > 0
    with pytest.raises(sealing.NoKey, match="--identity FILE"):
        archive.read(path, tmp_path / "again", None)


@pytest.mark.usefixtures("private_key")
def test_what_cannot_be_opened_says_so(tmp_path, monkeypatch):
    said("backup", tmp_path)
    (tmp_path / "another").mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "another"))

    with pytest.raises(databases.ProgramFailed, match=r"gpg: .*No secret key"):
        archive.read(archive.newest(tmp_path), tmp_path / "unpacked", None)


def test_without_a_key_it_refuses_before_it_dumps(tmp_path):
    with pytest.raises(CommandError, match="BACKUP_PUBLIC_KEY is not set"):
        said("backup", tmp_path)

    assert list(tmp_path.iterdir()) == []
    assert not Proof.objects.exists()


def test_a_key_that_is_no_file_is_refused(tmp_path, settings):
    settings.BACKUP_PUBLIC_KEY = str(tmp_path / "lost.asc")

    with pytest.raises(CommandError, match="neither an age recipient"):
        said("backup", tmp_path)


def test_a_dump_that_comes_back_otherwise_does_not_count(tmp_path, monkeypatch):
    make.inquiry()
    load = dumps.load

    def lose_one(dumped, database, *, held):
        load(dumped, database, held=held)
        with psycopg.connect(**database) as session:
            session.execute("DELETE FROM procrastinate_jobs")
            session.execute("DELETE FROM appointments_email")

    monkeypatch.setattr(dumps, "load", lose_one)

    with pytest.raises(CommandError, match=r"differs from what was dumped in: .*appointments_email"):
        said("backup", tmp_path, "--unencrypted")

    assert archive.newest(tmp_path) is None
    assert not Proof.objects.exists()
    assert scratch_databases() == []


def test_what_is_written_meanwhile_is_no_difference(tmp_path, monkeypatch):
    dump = databases.run

    def somebody_writes(command, database, **options):
        make.inquiry()
        dump(command, database, **options)

    monkeypatch.setattr(databases, "run", somebody_writes)

    said("backup", tmp_path, "--unencrypted")

    manifest = archive.read(archive.newest(tmp_path), tmp_path / "unpacked", None)
    assert manifest.contents.tables["public.appointments_inquiry"].rows == 0
    assert Inquiry.objects.count() == 1


def test_a_process_that_is_killed_leaves_no_backup(tmp_path, monkeypatch):
    def full_disk(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)

    with pytest.raises(CommandError, match="No space left on device"):
        said("backup", tmp_path, "--unencrypted")

    assert [path.name for path in tmp_path.iterdir()] == [erasures_kept.NAME]


def test_no_password_stands_on_a_command_line(tmp_path, monkeypatch):
    monkeypatch.setattr(
        databases, "ours", lambda: {"dbname": "clinic", "password": "a secret", "host": "/nowhere", "user": "clinic"}
    )
    started = []
    monkeypatch.setattr(subprocess, "run", lambda command, **options: started.append((command, options["env"])))

    with pytest.raises(AttributeError):
        databases.run(["pg_dump", "--format=custom"], databases.ours())

    [(command, env)] = started
    assert "a secret" not in " ".join(command)
    assert env["PGPASSWORD"] == "a secret"


def test_a_program_that_is_older_than_the_server_says_how_much():
    stderr = (
        b"pg_dump: error: aborting because of server version mismatch\n"
        b"pg_dump: detail: server version: 18.4; pg_dump version: 15.14\n"
    )

    assert databases.said("pg_dump", stderr) == (
        "pg_dump: pg_dump: error: aborting because of server version mismatch server version: 18.4; "
        "pg_dump version: 15.14"
    )
    assert "Rosa" not in databases.said("pg_dump", b"pg_dump: error: no\npg_dump: detail: Rosa\n")


@pytest.fixture
def role_of_the_backup(monkeypatch):
    """From here on all connections are those of a role that reads, and makes scratch databases."""
    prefix = connection.settings_dict["NAME"]
    call_command("database_roles", prefix=prefix, stdout=io.StringIO())
    name = database_roles.names(prefix)[database_roles.BACKUP]
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER ROLE "{name}" CREATEDB')
    owner = connection.settings_dict["USER"]
    connection.close()
    connection.close_pool()
    connection.settings_dict["USER"] = name
    yield name
    connection.close()
    connection.close_pool()
    connection.settings_dict["USER"] = owner
    with connection.cursor() as cursor:
        for each in database_roles.names(prefix).values():
            cursor.execute(f'DROP OWNED BY "{each}"')
            cursor.execute(f'DROP ROLE "{each}"')


def test_the_role_of_the_backup_is_enough(tmp_path, request):
    make.inquiry()
    role = request.getfixturevalue("role_of_the_backup")

    said("backup", tmp_path, "--unencrypted")

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('default_transaction_read_only')")
        assert cursor.fetchone() == (role, "on")
    assert Proof.objects.filter(kind=ProofKind.BACKUP).count() == 1


def test_a_role_that_makes_no_database_reads_what_to_do(tmp_path, request):
    role = request.getfixturevalue("role_of_the_backup")
    owner = databases.ours() | {"user": "clinic"}
    with psycopg.connect(**owner) as session:
        session.execute(f'ALTER ROLE "{role}" NOCREATEDB')

    with pytest.raises(CommandError, match="permission denied to create database: set SCRATCH_DATABASE_URL"):
        said("backup", tmp_path, "--unencrypted")

    assert not Proof.objects.exists()


def test_a_scratch_database_may_be_on_another_server(settings):
    settings.SCRATCH_DATABASE_URL = "postgresql://backup:p%40ss%2Fw@scratch.example:5433/postgres?sslmode=verify-full"

    server = databases.scratch_server()

    assert {key: value for key, value in server.items() if key != "options"} == {
        "dbname": "postgres", "user": "backup", "password": "p@ss/w", "host": "scratch.example", "port": "5433",
        "sslmode": "verify-full",
    }  # fmt: skip
    assert environ.Env.db_url_config(databases.url(server))["PASSWORD"] == "p@ss/w"


def test_a_scratch_database_url_that_is_none_is_a_sentence(settings):
    settings.SCRATCH_DATABASE_URL = "garbage"

    with pytest.raises(ImproperlyConfigured, match=r"^SCRATCH_DATABASE_URL must look like postgresql://"):
        databases.scratch_server()


class TestErasures:
    def test_the_list_grows_and_names_nobody(self, tmp_path):
        inquiry = make.inquiry(name="Walter O'Shaughnessy")
        path = tmp_path / erasures_kept.NAME
        assert erasures_kept.keep(path) == []
        erasure.erase(inquiry, reason="Walter wished it", by=Actor.system())

        said("backup", tmp_path, "--erasures-only")
        said("backup", tmp_path, "--erasures-only")

        [line] = path.read_text().splitlines()
        assert json.loads(line).keys() == {"inquiry", "sent", "erased"}
        assert json.loads(line)["inquiry"] == inquiry.pk

    def test_the_same_number_of_another_inquiry_is_not_erased(self, tmp_path):
        lost = make.inquiry()
        erasure.erase(lost, reason="a wish", by=Actor.system())
        kept = erasures_kept.keep(tmp_path / erasures_kept.NAME)
        other = make.inquiry(name="Petra Lang")
        mine = json.loads(kept[0]) | {"inquiry": other.pk}

        assert erasures_kept.replay([json.dumps(mine)]) == (0, [])

        other.refresh_from_db()
        assert other.name == "Petra Lang"

    def test_what_was_on_hold_when_it_was_dumped_is_erased_too(self, tmp_path):
        inquiry = make.inquiry(legal_hold=True)
        line = json.dumps(
            {"inquiry": inquiry.pk, "sent": inquiry.created_at.isoformat(), "erased": "2026-11-27T12:00:00+00:00"}
        )

        (tmp_path / "list").write_text(f"{line}\n")

        assert said("erase", again=tmp_path / "list") == "Erased again: 1. Erase by hand: []\n"
        assert erasures_kept.replay([line]) == (0, [])

        inquiry.refresh_from_db()
        assert inquiry.erased_at


def test_a_digest_does_not_depend_on_the_order_of_rows():
    with psycopg.connect(**databases.ours()) as session:
        session.execute("CREATE TABLE public.aaa (n int); INSERT INTO public.aaa VALUES (1), (2)")
        before = contents.read(session)
        session.execute("TRUNCATE public.aaa; INSERT INTO public.aaa VALUES (2), (1)")
        assert before.differences(contents.read(session)) == []
        session.execute("UPDATE public.aaa SET n = 3 WHERE n = 1")
        assert before.differences(contents.read(session)) == ["public.aaa"]
        session.rollback()


def test_a_file_that_is_none_is_refused(tmp_path):
    path = tmp_path / "clinic-20261127T030000Z.tar"
    with tarfile.open(path, "w") as tar:
        tar.add(__file__, "something.py")

    with pytest.raises(ValueError, match="is no backup"):
        archive.read(path, tmp_path / "unpacked", None)
