"""
The file of a backup: a tar with what it holds (manifest.json), the dump, the erasures and the settings (.env).

It is written under another name and gets its own when it is whole, so that a process that is killed leaves no backup.
"""

import io
import json
import os
import tarfile
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from clinic.operations.backups import sealing
from clinic.operations.backups.contents import Contents, Table

MANIFEST, DUMP, ERASURES, ENV = "manifest.json", "database.dump", "erasures.jsonl", "env"
PREFIX = "clinic-"


class Manifest(NamedTuple):
    """When the rows were read, which site's they are, the newest of them, and all in numbers."""

    taken_at: datetime
    site: str
    newest_row: str
    contents: Contents

    def as_json(self) -> str:
        plain = self._asdict() | {"taken_at": self.taken_at.isoformat(), "contents": self.contents._asdict()}
        return json.dumps(plain, indent=1)

    @classmethod
    def from_json(cls, words: str) -> "Manifest":
        plain = json.loads(words)
        tables = {name: Table(*row) for name, row in plain["contents"]["tables"].items()}
        contents = Contents(tables, plain["contents"]["sequences"])
        return cls(datetime.fromisoformat(plain["taken_at"]), plain["site"], plain["newest_row"], contents)


def write(folder: Path, manifest: Manifest, *, dump: Path, erasures: str, env: str, key: str | None) -> Path:
    """Put a backup together in `folder`; `key` is None where it is not to be sealed. Raises ProgramFailed, NoKey."""
    ending = sealing.ending(key)
    path = folder / f"{PREFIX}{manifest.taken_at:%Y%m%dT%H%M%SZ}{ending}"
    half = path.with_name(f".half-{os.getpid()}-{path.name}")
    try:
        with sealing.sealed(half, key) as stream, tarfile.open(mode="w|", fileobj=stream) as tar:
            _add(tar, MANIFEST, manifest.as_json())
            _add(tar, ERASURES, erasures)
            _add(tar, ENV, env)
            tar.add(dump, DUMP, filter=_plain)
        half.chmod(0o600)
        with half.open("rb") as whole:
            os.fsync(whole.fileno())
        half.rename(path)
    finally:
        half.unlink(missing_ok=True)
    return path


def read(path: Path, into: Path, identity: Path | None) -> Manifest:
    """Unpack a backup into the folder `into`. Raises ProgramFailed, NoKey, or ValueError for what is none."""
    try:
        with sealing.opened(path, identity) as stream, tarfile.open(mode="r|", fileobj=stream) as tar:
            tar.extractall(into, filter="data")
    except tarfile.TarError as error:
        raise ValueError(f"{path.name} is no backup, or a part of one is missing.") from error
    if not all((into / name).is_file() for name in (MANIFEST, DUMP, ERASURES)):
        raise ValueError(f"{path.name} is no backup, or a part of one is missing.")
    return Manifest.from_json((into / MANIFEST).read_text())


def newest(folder: Path) -> Path | None:
    """The newest backup in `folder`: their names sort by when they were taken."""
    endings = (sealing.AGE, sealing.GPG, sealing.PLAIN)
    found = [path for path in folder.glob(f"{PREFIX}*") if path.name.endswith(endings)]
    return max(found, key=lambda path: path.name, default=None)


def _add(tar: tarfile.TarFile, name: str, words: str) -> None:
    content = words.encode()
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    tar.addfile(info, io.BytesIO(content))


def _plain(info: tarfile.TarInfo) -> Any:
    """Whose file it was on this machine matters nowhere else."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o600
    return info
