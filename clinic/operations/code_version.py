"""Which code a process runs: a digest of our own files, since a release may be a folder without git in it."""

from functools import cache
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("clinic", "procedures", "appointments", "templates")


def on_disk() -> str:
    """Of the files as they are now: some hundreds, in a few hundredths of a second."""
    digest = sha256()
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if _is_code(path)):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _is_code(path: Path) -> bool:
    return path.suffix in (".py", ".html", ".txt", ".md") and path.is_file()


@cache
def of_this_process() -> str:
    """Of the files as they were when this was asked first: a process asks when it starts."""
    return on_disk()
