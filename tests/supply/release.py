"""
A release: the tree as an archive, its bill of materials, their checksums, and a signed tag.

`make release` reads version and words from CHANGELOG.md. It refuses what nobody could make again: a tree with changes,
a version that the changelog does not name, one that exists. `ARGS=--dry-run` writes the files and signs nothing.

Source: reproducible-builds.org, "Archives"; git archive writes the commit's time, and the same bytes each time.
"""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from tests.supply import pinned, sbom

_HEADING = re.compile(r"^## (?P<what>.+)$", re.MULTILINE)
_VERSION = re.compile(r"(?P<version>\d+\.\d+\.\d+), \d{4}-\d{2}-\d{2}")
_URGENT = re.compile(r"Urgent: (yes|no)\b")


class Refused(Exception):
    """What somebody has to do before there can be a release."""


class Release(NamedTuple):
    version: str
    words: str

    @property
    def name(self) -> str:
        return f"clinic-site-{self.version}"

    @property
    def tag(self) -> str:
        return f"v{self.version}"


def main() -> None:
    try:
        made(pinned.ROOT, pinned.ROOT / ".local" / "release", is_dry="--dry-run" in sys.argv[1:])
    except Refused as refusal:
        sys.exit(str(refusal))
    except subprocess.CalledProcessError as error:  # git and gpg have said why.
        sys.exit(f"No release: {error.cmd[0]} ended with {error.returncode}.")


def made(root: Path, folder: Path, *, is_dry: bool = False) -> Release:
    """Make the release of the tree at `root`, its files in `folder`. Raises Refused."""
    release = named_by((root / "CHANGELOG.md").read_text())
    says = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    if says != release.version:
        raise Refused(f"CHANGELOG.md begins with {release.version}, pyproject.toml says {says}.")
    if _git(root, "status", "--porcelain"):
        raise Refused("The tree has changes that are not committed: a release is a commit.")
    if _git(root, "tag", "--list", release.tag):
        raise Refused(f"{release.tag} exists: a version is given once.")
    if not (key := _git(root, "config", "--default", "", "--get", "user.signingkey")) and not is_dry:
        raise Refused("Nobody could sign it: git config user.signingkey <your OpenPGP key>")
    files = _written(root, folder, release)
    if not is_dry:
        by = ["--local-user", key, "--output", f"{files[-1]}.asc"]
        subprocess.run(["gpg", "--yes", "--armor", *by, "--detach-sign", str(files[-1])], check=True)
        _git(root, "tag", "--local-user", key, release.tag, "--message", f"{release.name}\n\n{release.words}")
    for file in files:
        print(file)
    print(
        f"Nothing is signed: a dry run of {release.tag}." if is_dry else f"Signed: {release.tag}. Push it by its name."
    )
    return release


def named_by(changelog: str) -> Release:
    """
    The newest version, and the words below its heading, like "## 1.2.0, 2026-12-01".

    They begin with "Urgent: yes" or "Urgent: no", since that is what an operator reads first. Raises Refused.
    """
    headings = list(_HEADING.finditer(changelog))
    newest = headings[0]["what"] if headings else ""
    if not (found := _VERSION.fullmatch(newest)):
        raise Refused(f"CHANGELOG.md begins with “{newest}”: name the version and the day, like ## 1.2.0, 2026-12-01")
    ends = headings[1].start() if len(headings) > 1 else len(changelog)
    words = changelog[headings[0].end() : ends].strip()
    if not _URGENT.match(words):
        raise Refused(f"Below {newest}, say first whether it is urgent: “Urgent: yes, …” or “Urgent: no”.")
    return Release(found["version"], words)


def _written(root: Path, folder: Path, release: Release) -> list[Path]:
    """The archive, the bill of materials and, last, SHA256SUMS. A commit has the same ones on every machine."""
    folder.mkdir(parents=True, exist_ok=True)
    archive, bill = folder / f"{release.name}.tar.gz", folder / f"{release.name}.sbom.json"
    _git(root, "archive", "--format=tar.gz", f"--prefix={release.name}/", f"--output={archive}", "HEAD")
    committed = datetime.fromisoformat(_git(root, "show", "--no-patch", "--format=%cI", "HEAD"))
    bill.write_text(json.dumps(sbom.made(pinned.production(), at=committed), indent=2) + "\n")
    sums = folder / "SHA256SUMS"
    sums.write_text(
        "".join(f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.name}\n" for each in (archive, bill))
    )
    return [archive, bill, sums]


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


if __name__ == "__main__":
    main()
