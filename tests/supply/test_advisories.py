"""A pinned version with a known fault fails the check; an old file says that it is old."""

import json
import zipfile
from datetime import date, timedelta

import pytest

from tests.supply import advisories, pinned
from tests.supply.pinned import Pin

TODAY = date(2026, 11, 27)


def advisory(*events: dict[str, str], package: str = "django", **more) -> dict:
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}] if events else []
    return {"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "package": package, "ranges": ranges, **more}


@pytest.mark.parametrize(
    ("events", "affected"),
    [
        ([{"introduced": "0"}, {"fixed": "6.1.4"}], True),
        ([{"introduced": "0"}, {"fixed": "6.1.3"}], False),
        ([{"introduced": "6.1"}, {"fixed": "6.1.10"}], True),
        ([{"introduced": "6.1.4"}], False),
        ([{"introduced": "0"}], True),
        ([{"introduced": "0"}, {"last_affected": "6.1.3"}], True),
        ([{"introduced": "0"}, {"last_affected": "6.1.2"}], False),
        ([{"introduced": "4.2"}, {"fixed": "4.2.9"}, {"introduced": "6.0"}, {"fixed": "6.2"}], True),
        ([{"introduced": "6.2"}, {"fixed": "6.2.1"}, {"introduced": "5.0"}, {"fixed": "5.0.8"}], False),
    ],
)
def test_a_version_is_in_a_range_or_not(events, affected):
    assert advisories.is_affected(Pin("django", "6.1.3", ()), advisory(*events)) is affected
    assert not advisories.is_affected(Pin("nh3", "6.1.3", ()), advisory(*events))


def test_a_version_that_is_named_is_affected():
    assert advisories.is_affected(Pin("django", "6.1.3", ()), advisory(versions=["6.1.3"]))


def test_a_known_fault_fails_and_is_named(capsys):
    known = {"date": "2026-11-25", "advisories": [advisory({"introduced": "0"})]}

    code = advisories.tell(known, [Pin("django", "6.1.3", ())], TODAY)

    assert (code, capsys.readouterr().out) == (
        1,
        "FAULT  django 6.1.3: PYSEC-1, CVE-2026-1\n1 advisories of 2026-11-25, 2 days old; 1 pinned packages.\n",
    )


@pytest.mark.parametrize(("days", "warns"), [(0, False), (7, False), (8, True)])
def test_an_old_file_warns_and_does_not_fail(capsys, days, warns):
    known = {"date": str(TODAY - timedelta(days=days)), "advisories": []}

    assert advisories.tell(known, [], TODAY) == 0
    assert ("WARNING" in capsys.readouterr().out) is warns


def test_our_own_file_has_its_shape_and_no_fault_in_what_we_pin():
    known = json.loads(advisories.FILE.read_text())
    pins = pinned.everything()

    assert date.fromisoformat(known["date"]) <= date.today()  # noqa: DTZ011  (a day of the file, in no zone)
    assert known["sources"]
    for each in known["advisories"]:
        assert set(each) - {"versions"} == {"id", "aliases", "package", "ranges"}
    assert [
        (pin.name, each["id"]) for pin in pins for each in known["advisories"] if advisories.is_affected(pin, each)
    ] == []
    # An old Django would be seen.
    old = Pin("django", "5.0.7", ())
    assert "PYSEC-2024-70" in {each["id"] for each in known["advisories"] if advisories.is_affected(old, each)}


def test_it_is_made_anew_from_the_archive_of_osv(tmp_path, monkeypatch):
    def said(name: str, **more) -> str:
        events = [{"introduced": "0"}, {"fixed": "9.9"}]
        ranges = [{"type": "GIT", "events": []}, {"type": "ECOSYSTEM", "events": events}]
        package = {"ecosystem": "PyPI", "name": name}
        return json.dumps(
            {"id": "A-1", "aliases": ["GHSA-x", "CVE-1"], "affected": [{"package": package, "ranges": ranges}]} | more
        )

    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.writestr("A-1.json", said("Django"))
        packed.writestr("A-2.json", said("left-pad"))
        packed.writestr("A-3.json", said("django", withdrawn="2026-01-01T00:00:00Z"))
    monkeypatch.setattr(advisories, "FILE", tmp_path / "advisories.json")

    advisories.renew(tmp_path / "all.zip", TODAY)

    made = json.loads(advisories.FILE.read_text())
    events = [{"introduced": "0"}, {"fixed": "9.9"}]
    entry = {
        "id": "A-1",
        "aliases": ["CVE-1"],
        "package": "django",
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    assert (made["date"], made["advisories"]) == ("2026-11-27", [entry])
