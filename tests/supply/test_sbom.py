"""The bill of materials names every package of production, with its hashes and its license."""

import re
from datetime import UTC, datetime

import pytest

from tests.supply import pinned, sbom
from tests.supply.pinned import Pin

AT = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def bill():
    return sbom.made(pinned.production(), at=AT)


def test_it_has_the_shape_of_cyclonedx(bill):
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", bill["serialNumber"]
    )
    assert bill["metadata"]["timestamp"] == "2026-11-27T09:00:00+00:00"
    for each in bill["components"]:
        assert each["type"] == "library"
        assert each["bom-ref"] == each["purl"] == f"pkg:pypi/{each['name']}@{each['version']}"
        hashes = each["externalReferences"][0]["hashes"]
        assert hashes
        assert {(one["alg"], len(one["content"])) for one in hashes} == {("SHA-256", 64)}


def test_it_names_what_requirements_txt_pins_and_nothing_else(bill):
    text = (pinned.ROOT / "requirements.txt").read_text()

    named = {f"{each['name']}=={each['version']}" for each in bill["components"]}

    assert named == set(re.findall(r"^[\w.-]+==[\w.]+", text, re.MULTILINE))
    hashes = [len(each["externalReferences"][0]["hashes"]) for each in bill["components"]]
    assert text.count("--hash=sha256:") == sum(hashes)


def test_every_package_that_is_installed_says_its_license(bill):
    silent = {each["name"] for each in bill["components"] if not each["licenses"]}

    assert {name for name in silent if sbom._said_by(Pin(name, "", ()))} == set()
    licenses = {each["name"]: each["licenses"] for each in bill["components"]}
    assert licenses["django"] == [{"expression": "BSD-3-Clause"}]
    assert licenses["six"] == [{"license": {"id": "MIT"}}]


def test_dependencies_lead_from_the_site_to_every_package(bill):
    leads = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    reached, left = set(), ["clinic-site"]
    while left:
        if (ref := left.pop()) not in reached:
            reached.add(ref)
            left += leads[ref]

    assert reached == set(leads)
    assert "pkg:pypi/asgiref@" in "".join(leads[next(ref for ref in leads if ref.startswith("pkg:pypi/django@"))])


def test_the_same_packages_have_the_same_number():
    one, other = (sbom.made([Pin("django", version, ("a" * 64,))], at=AT) for version in ("6.1.3", "6.1.4"))

    assert sbom.made([Pin("django", "6.1.3", ())], at=AT)["serialNumber"] == one["serialNumber"]
    assert one["serialNumber"] != other["serialNumber"]
