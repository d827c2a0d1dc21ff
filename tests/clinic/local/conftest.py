import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from clinic.local import localdb

ROOT = Path(settings.BASE_DIR)


@pytest.fixture(scope="session")
def files(tmp_path_factory) -> Path:
    """The site's files in a folder of their own, without what this machine made: to copy, and not to change."""
    _copy(folder := tmp_path_factory.mktemp("files"))
    return folder


@pytest.fixture
def clone(files, tmp_path):
    """These files for one test."""
    subprocess.run(["cp", "-a", f"{files}/.", tmp_path], check=True)
    yield tmp_path
    shutil.rmtree(cluster(tmp_path).home, ignore_errors=True)


def _copy(to: Path) -> None:
    """With what is compiled of them already: compiling all code takes most of a start's time that tests need not."""
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    for name in filter(None, files.split("\0")):
        if (ROOT / name).exists():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
            if (compiled := (ROOT / name).parent / "__pycache__").exists() and name.endswith("__init__.py"):
                # Python writes a file of another name first, which may be gone when it is copied.
                half_written = shutil.ignore_patterns("*.pyc.*")
                shutil.copytree(compiled, (to / name).parent / "__pycache__", ignore=half_written)


def cluster(clone: Path) -> localdb.Cluster:
    return localdb.Cluster(clone / ".local" / "postgres")
