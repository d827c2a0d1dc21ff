"""
Whether a pinned package has a known fault, from a dated file in the repository: `make advisories` asks nobody.

It fails where a pinned version is in the range of an advisory, and warns where the file is old. The file holds only
what its `sources` name; what became known after its `date`, it does not know. `FROM=all.zip` makes it anew from the
export of osv.dev for PyPI, which somebody with a network has fetched.

Source: OSV schema, affected[].ranges.
"""

import json
import sys
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.supply import pinned
from tests.supply.pinned import Pin

FILE = Path(__file__).with_name("advisories.json")
# The project's policy (docs/hardening.md) counts its days from a look that somebody takes each week.
OLD_AFTER = timedelta(days=7)


def main() -> None:
    today = datetime.now(UTC).date()
    if len(sys.argv) > 1:
        renew(Path(sys.argv[1]), today)
    sys.exit(tell(json.loads(FILE.read_text()), pinned.everything(), today))


def tell(known: dict[str, Any], pins: list[Pin], today: date) -> int:
    """Print what is found, and how old the file is; 1 where a pinned version has a known fault."""
    hits = [(pin, each) for pin in pins for each in known["advisories"] if is_affected(pin, each)]
    for pin, each in hits:
        print(f"FAULT  {pin.name} {pin.version}: {', '.join([each['id'], *each['aliases']])}")
    age = today - date.fromisoformat(known["date"])
    print(
        f"{len(known['advisories'])} advisories of {known['date']}, {age.days} days old; {len(pins)} pinned packages."
    )
    if age > OLD_AFTER:
        print(f"WARNING  Older than {OLD_AFTER.days} days: it knows nothing newer. Renew it: docs/hardening.md.")
    return 1 if hits else 0


def is_affected(pin: Pin, advisory: dict[str, Any]) -> bool:
    if advisory["package"] != pin.name:
        return False
    if pin.version in advisory.get("versions", []):
        return True
    version = Version(pin.version)
    return any(_is_within(version, each["events"]) for each in advisory["ranges"])


def _is_within(version: Version, events: list[dict[str, str]]) -> bool:
    """Whether the last event before or at this version leaves it affected."""
    within = False
    for name, at in sorted(((name, at) for each in events for name, at in each.items()), key=_order):
        if name == "introduced" and (at == "0" or Version(at) <= version):
            within = True
        elif (name == "fixed" and Version(at) <= version) or (name == "last_affected" and Version(at) < version):
            within = False
    return within


def _order(event: tuple[str, str]) -> tuple[Version, bool]:
    name, at = event
    return Version("0a0" if at == "0" else at), name == "introduced"


def renew(archive: Path, today: date) -> None:
    """Keep of OSV's archive what is about a package of ours."""
    ours = {pin.name for pin in pinned.everything()}
    kept = []
    with zipfile.ZipFile(archive) as packed:
        for name in sorted(packed.namelist()):
            if name.endswith(".json"):
                kept += _about(json.loads(packed.read(name)), ours)
    head = {"date": today.isoformat(), "sources": [f"osv.dev, PyPI/all.zip, read on {today}"]}
    lines = ",\n".join(f"    {json.dumps(each)}" for each in kept)
    FILE.write_text(f'{json.dumps(head, indent=2)[:-2]},\n  "advisories": [\n{lines}\n  ]\n}}\n')


def _about(said: dict[str, Any], ours: set[str]) -> list[dict[str, Any]]:
    if said.get("withdrawn"):
        return []
    cves = sorted(each for each in said.get("aliases", []) if each.startswith("CVE-"))
    found = []
    for each in said.get("affected", []):
        package = each.get("package", {})
        if package.get("ecosystem") != "PyPI" or (name := canonicalize_name(package["name"])) not in ours:
            continue
        ranges = [
            {"type": "ECOSYSTEM", "events": part["events"]}
            for part in each.get("ranges", [])
            if part["type"] == "ECOSYSTEM"
        ]
        entry = {"id": said["id"], "aliases": cves, "package": name, "ranges": ranges}
        found.append(entry if ranges else entry | {"versions": each.get("versions", [])})
    return found


if __name__ == "__main__":
    main()
