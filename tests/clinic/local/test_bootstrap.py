"""`bootstrap.sh`, with programs of the test in place of Python's installers: what a start finds, and what it does."""

import os
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest
from django.conf import settings

from tests.workers import eventually

pytestmark = pytest.mark.real_time

ROOT = Path(settings.BASE_DIR)
# A Python that makes venvs of itself and writes down what it was asked to install; `slow` and `broken` are files.
PYTHON = """#!/bin/sh
clone={clone}
case "$*" in
  -V) echo "Python 3.13.0" ;;
  *fcntl*) exec python3 "$@" ;;
  "-c "*) exit 0 ;;
  "-m venv"*) echo venv >> $clone/did; mkdir -p .venv/bin; cp $clone/python .venv/bin/python ;;
  *"pip sync"*)
    echo "${{XDG_CACHE_HOME:-home}} $6 $7" >> $clone/did
    echo half > .venv/package
    while [ -e $clone/slow ]; do sleep 0.05; done
    [ ! -e $clone/broken ] || exit 1
    echo whole > .venv/package ;;
esac
"""


@pytest.fixture
def bare(tmp_path):
    """A clone with the script alone, and a Python that installs nothing."""
    shutil.copy2(ROOT / "bootstrap.sh", tmp_path)
    for file in ROOT.glob("requirements*.txt"):
        shutil.copy2(file, tmp_path)
    (tmp_path / "python").write_text(PYTHON.format(clone=tmp_path))
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def start(bare: Path, *arguments: str, umask: int = 0o022, **environment: str) -> subprocess.Popen:
    clean = {"PATH": os.environ["PATH"], "PYTHON": str(bare / "python"), "HOME": str(bare)} | environment
    return subprocess.Popen(
        ["./bootstrap.sh", *arguments], cwd=bare, env={name: value for name, value in clean.items() if value},
        text=True, umask=umask, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def run(bare: Path, *arguments: str, **how) -> int:
    process = start(bare, *arguments, **how)
    process.communicate(timeout=60)
    return process.returncode


def done(bare: Path) -> list[str]:
    return (bare / "did").read_text().splitlines() if (bare / "did").exists() else []


SYNC = "home --require-hashes requirements-dev.txt"


def test_a_second_start_installs_nothing(bare):
    assert [run(bare), run(bare)] == [0, 0]

    assert done(bare) == ["venv", SYNC]


def test_what_was_cut_off_in_the_middle_is_made_anew(bare):
    (bare / "slow").touch()
    first = start(bare)
    assert eventually(lambda: (bare / ".venv" / "package").exists())
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    (bare / "slow").unlink()

    assert run(bare) == 0

    assert (bare / ".venv" / "package").read_text() == "whole\n"
    assert done(bare) == ["venv", SYNC] * 2


def test_what_ended_with_a_full_disk_is_made_anew(bare):
    (bare / "broken").touch()
    assert run(bare) != 0
    (bare / "broken").unlink()

    assert run(bare) == 0
    assert done(bare) == ["venv", SYNC] * 2


def test_other_requirements_are_brought_into_a_whole_environment(bare):
    run(bare)
    with (bare / "requirements.txt").open("a") as file:
        file.write("# another\n")

    assert run(bare) == 0
    assert done(bare) == ["venv", SYNC, SYNC]


def test_a_number_that_a_dead_start_left_stops_nobody(bare):
    (bare / ".local").mkdir()
    (bare / ".local" / "installing").write_text(f"{os.getpid()}\n")

    began = time.monotonic()

    assert (run(bare), time.monotonic() - began < 30) == (0, True)


def test_two_first_starts_at_once_install_once(bare):
    (bare / "slow").touch()
    first = start(bare)
    assert eventually(lambda: (bare / ".venv" / "package").exists())
    second = start(bare)
    assert "Another start installs the packages here" in second.stderr.readline()
    (bare / "slow").unlink()

    assert [process.communicate(timeout=60) and process.returncode for process in (first, second)] == [0, 0]
    assert done(bare) == ["venv", SYNC]


@pytest.mark.parametrize("home", ["", "/proc"])
def test_without_a_home_to_write_to_what_is_fetched_is_kept_in_the_clone(bare, home):
    assert run(bare, HOME=home) == 0

    assert done(bare)[-1] == f"{bare}/.local/cache --require-hashes requirements-dev.txt"


def test_a_site_that_only_runs_installs_nothing_for_tests_and_tests_take_nothing_away(bare):
    assert run(bare, "local") == 0
    assert done(bare) == ["venv", SYNC.replace("dev", "local")]
    assert [run(bare), run(bare, "local")] == [0, 0]
    assert done(bare)[2:] == [SYNC]


@pytest.mark.parametrize("umask", [0o027, 0o077])
def test_whatever_the_umask_the_environment_can_be_run(bare, umask):
    assert run(bare, umask=umask) == 0

    assert (bare / ".venv" / "bin" / "python").stat().st_mode & stat.S_IXUSR


def test_what_cannot_be_pinned_ends_make_requirements(tmp_path):
    """The next file would not fit the one that failed. The system's authorities count, as for all other packages."""
    shutil.copy2(ROOT / "Makefile", tmp_path)
    (tmp_path / "bootstrap.sh").write_text("#!/bin/sh\n")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$UV_SYSTEM_CERTS $*" >> did\ncase "$*" in *local.in*) exit 2 ;; esac\n')
    for program in (python, tmp_path / "bootstrap.sh"):
        program.chmod(0o755)

    ran = subprocess.run(
        ["make", "requirements", "UPGRADE=django"], cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True
    )

    assert ran.returncode != 0
    assert [(line[:1], line.split()[-3], "--upgrade-package django" in line) for line in done(tmp_path)] == [
        ("1", "requirements.in", True), ("1", "requirements-local.in", True),
    ]  # fmt: skip
