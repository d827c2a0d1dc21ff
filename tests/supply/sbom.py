"""
What production is built from, as a bill of materials: CycloneDX 1.6 in JSON, and the licenses as a table.

`make sbom` writes it from requirements.txt and what is installed; it asks nobody. The tool of CycloneDX itself would
bring some thirty packages, for a file of which we know every part.

Source: CycloneDX 1.6, JSON reference.
"""

import json
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.supply import pinned
from tests.supply.pinned import Pin

# Of the licenses' common names, those that say which one of them it is.
SPDX = {
    "MIT License": "MIT", "MIT": "MIT", "Apache Software License": "Apache-2.0", "Apache 2.0": "Apache-2.0",
    "BSD-3-Clause": "BSD-3-Clause", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "LGPL-3.0-only": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only", "Python Software Foundation License": "PSF-2.0",
}  # fmt: skip


def main() -> None:
    target = Path(sys.argv[1])
    bill = made(pinned.production(), at=datetime.now(UTC))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill, indent=2) + "\n")
    for each in bill["components"]:
        print(f"{each['name']:26} {each['version']:14} {_words(each)}")
    print(f"\n{len(bill['components'])} packages: {target}")


def made(pins: list[Pin], *, at: datetime) -> dict[str, Any]:
    """The bill of these packages. The same packages give the same serial number."""
    refs = {pin.name: f"pkg:pypi/{pin.name}@{pin.version}" for pin in pins}
    needs = {pin.name: sorted(refs[name] for name in _needs(pin) if name in refs) for pin in pins}
    needed = {ref for each in needs.values() for ref in each}
    site = {"type": "application", "bom-ref": "clinic-site", "name": "clinic-site", "licenses": [_license("MIT")]}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, ' '.join(refs.values()))}",
        "version": 1,
        "metadata": {"timestamp": at.isoformat(timespec="seconds"), "component": site},
        "components": [_component(pin, refs[pin.name]) for pin in pins],
        "dependencies": [
            {"ref": "clinic-site", "dependsOn": sorted(set(refs.values()) - needed)},
            *({"ref": refs[name], "dependsOn": on} for name, on in needs.items()),
        ],
    }


def _component(pin: Pin, ref: str) -> dict[str, Any]:
    files = {
        "type": "distribution",
        "url": f"https://pypi.org/project/{pin.name}/{pin.version}/#files",
        "comment": "Any one of its files, for some system, has one of these hashes.",
        "hashes": [{"alg": "SHA-256", "content": each} for each in pin.hashes],
    }
    said = {"type": "library", "bom-ref": ref, "name": pin.name, "version": pin.version, "purl": ref}
    return {**said, "licenses": list(_licenses(pin)), "externalReferences": [files]}


def _licenses(pin: Pin) -> Iterator[dict[str, Any]]:
    """As the package says it: an expression of SPDX, else a name, else its classifiers."""
    said = _said_by(pin)
    if said is None:
        return
    if expression := said.get("License-Expression"):
        yield {"expression": expression}
        return
    word = (said.get("License") or "").strip()
    classifiers = [
        each.rpartition(" :: ")[2] for each in said.get_all("Classifier") or [] if each.startswith("License ::")
    ]
    # Some put the whole text of their license into the field.
    yield from map(_license, [word] if word and "\n" not in word and len(word) < 60 else classifiers)


def _license(name: str) -> dict[str, Any]:
    return {"license": {"id": SPDX[name]} if name in SPDX else {"name": name}}


def _needs(pin: Pin) -> set[str]:
    """The packages that it needs here, by name. What an extra of it adds, the site itself has asked for."""
    said = _said_by(pin)
    wanted = map(Requirement, (said.get_all("Requires-Dist") if said else None) or [])
    here = (each for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""}))
    return {str(canonicalize_name(each.name)) for each in here}


def _said_by(pin: Pin) -> Any:
    """What the installed package says of itself; None where it is for another system."""
    try:
        return metadata.metadata(pin.name)
    except metadata.PackageNotFoundError:
        return None


def _words(component: dict[str, Any]) -> str:
    said = [each.get("expression") or next(iter(each["license"].values())) for each in component["licenses"]]
    return ", ".join(said) or "not installed here"


if __name__ == "__main__":
    main()
