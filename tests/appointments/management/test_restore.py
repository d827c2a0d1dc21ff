"""A backup becomes a database again: whole, silent, and without what was erased after it."""

import io
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from appointments.actors import Actor
from appointments.models import Email, MailState
from appointments.records import erasure, erasures_kept
from clinic import whose_database
from clinic.operations.backups import archive, databases, dumps
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def back_up(folder: Path) -> Path:
    call_command("backup", str(folder), "--unencrypted", stdout=io.StringIO())
    path = archive.newest(folder)
    assert path
    return path


@pytest.fixture
def empty():
    with databases.scratch(databases.scratch_server()) as database:
        yield database


def manage(database, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command as the operator runs it, on a database of their own."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "clinic.settings", "ANY_DATABASE": "0"} | variables
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=django_settings.BASE_DIR,
        env=environment | {"DATABASE_URL": databases.url(database)},
        capture_output=True,
        text=True,
        check=False,
    )


def one(database, query: str):
    with psycopg.connect(**database) as session:
        return session.execute(query).fetchone()


def test_a_restore_is_whole_holds_mails_and_erases_again(tmp_path, empty):
    whose_database.claim()
    kept = make.inquiry(name="Petra Lang", contact_by="email", phone="", email="petra@example.com")
    erased = make.inquiry(name="Walter O'Shaughnessy")
    path = back_up(tmp_path)
    erasure.erase(erased, reason="a wish", by=Actor.system())
    erasures_kept.keep(tmp_path / erasures_kept.NAME)

    done = manage(empty, "restore", path)

    assert done.stderr == ""
    assert done.returncode == 0
    assert "Erased again: 1 inquiries." in done.stdout
    assert "Lost is what was written between 20" in done.stdout
    assert one(empty, f"SELECT name FROM appointments_inquiry WHERE id = {kept.pk}") == ("Petra Lang",)  # noqa: S608
    assert one(empty, f"SELECT name FROM appointments_inquiry WHERE id = {erased.pk}") == ("–",)  # noqa: S608
    assert one(empty, "SELECT count(*) FROM clinic_siteidentity WHERE mails_held_since IS NOT NULL") == (1,)
    assert Email.objects.filter(state=MailState.WAITING).count() > 0
    released = manage(empty, "release_mails", "--cancel-due-before", datetime.now(UTC).isoformat())
    assert "mails go out when they are due" in released.stdout
    assert one(empty, "SELECT count(*) FROM clinic_siteidentity WHERE mails_held_since IS NOT NULL") == (0,)


def test_another_sites_backup_asks_to_be_adopted(tmp_path, empty):
    whose_database.claim()
    path = back_up(tmp_path)
    elsewhere = {
        "SITE_URL": "https://elm.example", "EMAIL_URL": "smtp+tls://user:password@mail.example:587"
    }  # fmt: skip

    refused = manage(empty, "restore", path, **elsewhere)

    assert refused.returncode == 1
    assert "This backup is another site's (clone " in refused.stderr
    assert dumps.is_empty(empty)

    adopted = manage(empty, "restore", path, "--adopt", **elsewhere)

    assert (adopted.returncode, adopted.stderr) == (0, "")
    assert one(empty, "SELECT name, mails_held_since IS NOT NULL FROM clinic_siteidentity") == (
        "site elm.example",
        True,
    )


def test_a_database_that_holds_something_is_left_alone(tmp_path):
    path = back_up(tmp_path)

    with pytest.raises(CommandError, match="The database is not empty"):
        call_command("restore", str(path))


def test_half_a_dump_leaves_the_database_empty(tmp_path, empty):
    path = back_up(tmp_path)
    archive.read(path, tmp_path / "unpacked", None)
    dump = tmp_path / "unpacked" / archive.DUMP
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])

    with pytest.raises(databases.ProgramFailed):
        dumps.load(dump, empty)

    assert dumps.is_empty(empty)


def test_a_reader_that_fails_after_whole_statements_leaves_it_empty_too(tmp_path, empty, monkeypatch):
    broken = tmp_path / "pg_restore"
    broken.write_text("#!/bin/sh\necho 'CREATE TABLE half (n int);'\nexit 1\n")
    broken.chmod(0o700)
    found = databases.program
    monkeypatch.setattr(databases, "program", lambda name: str(broken) if name == "pg_restore" else found(name))

    with pytest.raises(databases.ProgramFailed, match="pg_restore"):
        dumps.load(tmp_path / "any", empty, held=False)

    assert dumps.is_empty(empty)


def test_nobody_is_signed_in_after_it(tmp_path, empty, client):
    user = make.front_desk()
    client.force_login(user)
    manifest = archive.read(back_up(tmp_path), tmp_path / "unpacked", None)

    dumps.load(tmp_path / "unpacked" / archive.DUMP, empty)
    dumps.compare(empty, manifest)

    assert manifest.contents.tables["public.clinic_staffsession"].rows == 1
    assert one(empty, "SELECT count(*) FROM clinic_staffsession") == (0,)
