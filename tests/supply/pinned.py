"""The packages that the site is built from, as requirements*.txt pin them: name, version and hashes."""

import re
from pathlib import Path
from typing import NamedTuple

from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==([^\s;]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Pin(NamedTuple):
    name: str
    version: str
    hashes: tuple[str, ...]


def read(*files: str) -> list[Pin]:
    """What these files pin, each once, by name."""
    found: dict[str, Pin] = {}
    for file in files:
        text = (ROOT / file).read_text()
        begins = list(_PIN.finditer(text))
        for at, pin in enumerate(begins):
            end = begins[at + 1].start() if at + 1 < len(begins) else len(text)
            name = canonicalize_name(pin[1])
            found[name] = Pin(name, pin[2], tuple(_HASH.findall(text[pin.start() : end])))
    return [found[name] for name in sorted(found)]


def production() -> list[Pin]:
    return read("requirements.txt")


def everything() -> list[Pin]:
    return read(*sorted(file.name for file in ROOT.glob("requirements*.txt")))
