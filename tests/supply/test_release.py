"""A release is made of a commit alone, is named by the changelog, and is signed."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.clinic.operations import backup_keys
from tests.supply import release
from tests.supply.release import Refused

CHANGES = "# Changes\n\n## 1.2.0, 2026-12-01\n\nUrgent: no\n\n- New words.\n\n## 1.1.0, 2026-11-01\n\nUrgent: yes\n"


@pytest.fixture
def git(tmp_path, monkeypatch):
    """git in a repository of its own with one commit, which reads no settings of this account."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    root = tmp_path / "site"
    root.mkdir()

    def run(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout

    (root / "CHANGELOG.md").write_text(CHANGES)
    (root / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    run("init", "--quiet")
    for name, value in (("user.name", "Maintainers"), ("user.email", "backup@clinic.example")):
        run("config", name, value)
    run("add", ".")
    run("commit", "--quiet", "--message", "Begin")
    run.root = root
    return run


@pytest.fixture
def key(git, monkeypatch):
    folder = Path(tempfile.mkdtemp(prefix="gpg-"))
    backup_keys.make(folder, monkeypatch, use="sign")
    git("config", "user.signingkey", "backup@clinic.example")
    yield
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.usefixtures("key")
def test_a_release_is_an_archive_its_bill_their_sums_and_a_signed_tag(git, tmp_path):
    made = release.made(git.root, tmp_path / "out")

    assert (made.version, made.words) == ("1.2.0", "Urgent: no\n\n- New words.")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "SHA256SUMS", "SHA256SUMS.asc", "clinic-site-1.2.0.sbom.json", "clinic-site-1.2.0.tar.gz",
    ]  # fmt: skip
    for check in (
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        ["gpg", "--verify", "SHA256SUMS.asc", "SHA256SUMS"],
    ):
        subprocess.run(check, cwd=tmp_path / "out", check=True, capture_output=True)
    git("verify-tag", "v1.2.0")
    assert git("tag", "--list", "--format=%(contents:subject) %(contents:body)").startswith(
        "clinic-site-1.2.0 Urgent: no"
    )
    packed = ["tar", "--list", "--file", tmp_path / "out" / "clinic-site-1.2.0.tar.gz"]
    listed = subprocess.run(packed, check=True, capture_output=True, text=True).stdout.split()
    assert listed == [f"clinic-site-1.2.0/{name}" for name in ("", "CHANGELOG.md", "pyproject.toml")]


def test_a_dry_run_writes_the_same_bytes_and_signs_nothing(git, tmp_path, capsys):
    for folder in ("one", "two"):
        release.made(git.root, tmp_path / folder, is_dry=True)

    first, second = ({each.name: each.read_bytes() for each in (tmp_path / at).iterdir()} for at in ("one", "two"))
    assert first == second
    assert sorted(first) == ["SHA256SUMS", "clinic-site-1.2.0.sbom.json", "clinic-site-1.2.0.tar.gz"]
    assert json.loads(first["clinic-site-1.2.0.sbom.json"])["bomFormat"] == "CycloneDX"
    assert git("tag", "--list") == ""
    assert capsys.readouterr().out.endswith("Nothing is signed: a dry run of v1.2.0.\n")


def test_a_tree_with_changes_is_refused(git, tmp_path):
    (git.root / "new").touch()

    with pytest.raises(Refused, match="not committed"):
        release.made(git.root, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_a_version_is_given_once(git, tmp_path):
    git("tag", "v1.2.0")

    with pytest.raises(Refused, match=r"v1\.2\.0 exists"):
        release.made(git.root, tmp_path / "out", is_dry=True)


def test_without_a_key_nothing_is_written(git, tmp_path):
    with pytest.raises(Refused, match="signingkey"):
        release.made(git.root, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_a_version_that_pyproject_does_not_say_is_refused(git, tmp_path):
    (git.root / "pyproject.toml").write_text('[project]\nversion = "1.1.0"\n')

    with pytest.raises(Refused, match=r"begins with 1\.2\.0, pyproject\.toml says 1\.1\.0"):
        release.made(git.root, tmp_path / "out")


@pytest.mark.parametrize(
    ("changelog", "why"),
    [
        ("# Changes\n\n## Unreleased\n\n- New words.\n", "begins with “Unreleased”"),
        ("# Changes\n\n## 1.2, 2026-12-01\n", "begins with “1.2, 2026-12-01”"),
        ("# Changes\n", "begins with “”"),
        (CHANGES.replace("Urgent: no\n\n", ""), "whether it is urgent"),
    ],
)
def test_a_changelog_without_a_version_a_day_and_how_urgent_it_is_is_refused(changelog, why):
    with pytest.raises(Refused, match=why):
        release.named_by(changelog)
