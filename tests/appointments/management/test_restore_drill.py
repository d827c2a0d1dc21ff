"""A drill proves that a backup opens and that the site can work with it."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clinic.models import Proof, ProofKind
from clinic.operations.backups import archive, databases, drills, dumps
from tests import make
from tests.clinic.operations.scratch_databases import scratch_databases

pytestmark = pytest.mark.django_db(transaction=True)


def drill(folder) -> str:
    out = io.StringIO()
    call_command("restore_drill", str(folder), stdout=out)
    return out.getvalue()


@pytest.fixture
def kept(tmp_path):
    make.inquiry()
    call_command("backup", str(tmp_path), "--unencrypted", stdout=io.StringIO())
    return tmp_path


def test_a_drill_restores_the_newest_lets_the_doctor_look_and_is_written_down(kept, tmp_path_factory, monkeypatch):
    newest = archive.newest(kept)
    url = tmp_path_factory.mktemp("secrets") / "backup_url"
    url.write_text("postgresql://clinic@/another")
    monkeypatch.setenv("DATABASE_URL_FILE", str(url))  # As the document has an operator set it.
    (kept / "clinic-20200101T000000Z.tar").write_text("an old one that nobody opens")

    words = drill(kept)

    proof = Proof.objects.latest_of(ProofKind.RESTORE_DRILL)[ProofKind.RESTORE_DRILL]
    assert proof.about == newest.name
    assert timezone.now() - proof.proved_at < timedelta(minutes=5)
    assert "and compared: " in words
    assert " seconds would be lost." in words
    assert "ANY_DATABASE is set" in words
    assert "No worker has ever run" in words
    assert scratch_databases() == []


def test_without_a_backup_nothing_is_proved(tmp_path):
    with pytest.raises(CommandError, match="There is no backup in"):
        drill(tmp_path)

    assert not Proof.objects.exists()


def test_a_doctor_that_cannot_look_proves_nothing(kept, monkeypatch):
    gone = databases.ours() | {"dbname": "gone"}
    with pytest.raises(databases.ProgramFailed, match=r"manage\.py doctor"):
        drills.doctor(gone)
    monkeypatch.setattr(dumps, "compare", lambda database, manifest: drills.doctor(gone))

    with pytest.raises(CommandError, match=r"manage\.py doctor"):
        drill(kept)

    assert not Proof.objects.filter(kind=ProofKind.RESTORE_DRILL).exists()


def test_an_archive_is_not_restored_by_root(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)

    with pytest.raises(CommandError, match="Postgres refuses to run as root"):
        call_command("restore_drill", stanza="clinic")


def test_a_directory_or_an_archive_has_to_be_said(tmp_path):
    with pytest.raises(CommandError, match="Say a directory, or --stanza"):
        call_command("restore_drill")
    with pytest.raises(CommandError, match="Say a directory, or --stanza"):
        call_command("restore_drill", str(tmp_path), point_in_time="2026-11-27T12:00+00:00")
