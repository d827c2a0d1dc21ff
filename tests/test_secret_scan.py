"""The scanner for secrets sees planted ones, and nothing in what we have written."""

import subprocess
import sys

import pytest

from tests import secret_scan

# Put together here: the scanner reads this file, too.
PLANTED = [
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    "aws = AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + "a1B2" * 9,
    "xoxb-" + "123456789012-abc",
    "sk_live_" + "a1B2" * 6,
    "DATABASE_URL=postgresql://clinic:" + "tr0ub4dor" + "@db.example/clinic",
    'EMAIL_PASSWORD = "' + "h7Kq2mWz9" + '"',
    "SECRET_KEY=" + "zX9v_Qm3rT7-kLp2" + "Wb5nYc8sHd4gJf6a",
    'key = "' + "3f2a9c" * 8 + '"',
]
HARMLESS = [
    "postgresql://user:password@host:5432/name",
    'PASSWORD = "correct horse battery"',
    "tests/appointments/public/test_submission.py::test_a_post_from_another_site_is_refused",
    "hash='943547595001b16c30ae99bdef92d45540074',",
    "a" * 64,
    "https://clinic.example/appointments/zz/",
]


@pytest.mark.parametrize("planted", PLANTED, ids=range(len(PLANTED)))
def test_a_planted_secret_is_seen(planted):
    assert len(list(secret_scan.found_in(f"before\n{planted}\nafter", "some/file.py"))) >= 1


@pytest.mark.parametrize("words", HARMLESS, ids=range(len(HARMLESS)))
def test_ordinary_words_are_none(words):
    assert list(secret_scan.found_in(words, "some/file.py")) == []


def test_what_is_allowed_is_there_and_would_be_seen():
    for name, words in list(secret_scan.ALLOWED.items())[:-1]:  # The last is where they are named.
        text = secret_scan.text_of(secret_scan.ROOT / name)
        seen = " ".join(secret_scan.found_in(text, "another/file.py"))
        assert {word for word in words if word in seen} == words, name


def test_the_scan_fails_on_a_planted_one_and_says_where(tmp_path):
    for command in (["init", "-q"], ["add", "-N", "."]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    scan = f"""
import pathlib
from tests import secret_scan
secret_scan.ROOT = pathlib.Path({str(tmp_path)!r})
secret_scan.main()
"""
    ask = [sys.executable, "-c", scan]
    clean = subprocess.run(ask, cwd=secret_scan.ROOT, capture_output=True, text=True)
    (tmp_path / "notes.md").write_text(f"The key: {PLANTED[2]}\n")
    planted = subprocess.run(ask, cwd=secret_scan.ROOT, capture_output=True, text=True)

    assert (clean.returncode, planted.returncode) == (0, 1)
    assert planted.stdout.startswith("notes.md: GitHub: ghp_")
