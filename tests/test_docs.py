"""Every file and folder that the documents name exists."""

import os
import re
import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import pytest
from django.conf import settings

from appointments import limits
from clinic.accounts import limits as accounts_limits

ROOT = Path(settings.BASE_DIR)
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
# A folder, or a file of a kind that we write. Addresses begin with a slash, and examples like 11/24/2026 end otherwise.
PATH = re.compile(r"\.?\w[\w.*<>-]*(/[\w.*<>-]+)*(/|\.(css|html|in|md|py|sh|svg|toml|txt))")
# What the site makes for itself on a machine.
MADE = (".local/", ".venv/")


def everything() -> set[str]:
    """All files of the project, and the folders that hold one, as paths below its root."""
    files = set()
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name == ".ci" or not name.startswith((".", "__pycache__"))]
        files |= {(Path(folder) / name).relative_to(ROOT) for name in names}
    return {f"{file}" for file in files} | {f"{folder}/" for file in files for folder in file.parents}


def named_paths(text: str) -> set[str]:
    """What stands in backticks and looks like a path of ours; `<room>` stands for any name."""
    words = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
    return {re.sub(r"<\w+>", "*", word) for word in words if PATH.fullmatch(word) and not word.startswith(MADE)}


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: str(doc.relative_to(ROOT)))
def test_every_path_that_a_document_names_is_there(doc):
    """A path may leave out its beginning, where that is clear: `bookings/` stands for `appointments/bookings/`."""
    there = everything()

    missing = {
        path
        for path in named_paths(doc.read_text())
        if not any(fnmatch(each, path) or fnmatch(each, f"*/{path}") for each in there)
    }

    assert missing == set()


def test_paths_are_told_from_addresses_variables_and_dates():
    text = "`bookings/` `clinic/hours.py` `tests/<room>/test_<module>.py` `/admin/` `DEBUG` `11/24/2026` `.local/a.py`"

    assert named_paths(text) == {"bookings/", "clinic/hours.py", "tests/*/test_*.py"}


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: str(doc.relative_to(ROOT)))
def test_every_link_from_a_document_to_another_file_leads_somewhere(doc):
    links = re.findall(r"\]\(([^)#\s]+)", re.sub(r"`[^`\n]*`", "", doc.read_text()))

    dead = {link for link in links if not re.match(r"https?:|/", link) and not (doc.parent / link).exists()}

    assert dead == set()


def test_the_picture_shows_the_floors_of_the_import_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("containers") == ["appointments"])

    shown = re.findall(r'class="name"[^>]*>([^<]+)<', (ROOT / "docs" / "architecture.svg").read_text())

    assert shown == [name for floor in layers for name in floor.split(" | ")] + ["procedures/", "clinic/"]


def test_every_test_that_a_document_names_is_there():
    named = {name for doc in DOCS for name in re.findall(r"`(tests/[\w/]+\.py::test_\w+)`", doc.read_text())}

    missing = {
        name for name in named if f"def {name.partition('::')[2]}(" not in (ROOT / name.partition("::")[0]).read_text()
    }

    assert (missing, len(named) > 25) == (set(), True)


def test_the_document_on_security_names_every_limit():
    named = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/security.md").read_text()))

    ours = {name for module in (limits, accounts_limits) for name in vars(module) if name.isupper()}

    assert ours - named == set()


def test_every_requirement_of_levels_1_and_2_is_answered_once():
    """OWASP ASVS 5.0.0 has so many of them in each chapter; its numbers leave out those of level 3."""
    chapters = {
        1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13,
        16: 16, 17: 7,
    }  # fmt: skip
    text = (ROOT / "docs/security/asvs.md").read_text()
    rows = re.findall(r"^\| (\d+)\.(\d+\.\d+) \| [12] \| [^|]+ \| ([\w ]+) \| [^|]+ \| (.+) \|$", text, re.MULTILINE)
    answers = Counter(answer for *_, answer, _test in rows)
    all_of_them = re.search(r"^\| all \| (.*) \|$", text, re.MULTILINE)[1]

    assert Counter(int(chapter) for chapter, *_ in rows) == chapters
    assert len({(chapter, number) for chapter, number, *_ in rows}) == sum(chapters.values())
    said = ("met", "in part", "not met", "operator", "not applicable")
    assert [int(number) for number in all_of_them.split(" | ")] == [answers[answer] for answer in said]
    assert f"| {all_of_them} |" in (ROOT / "docs/security.md").read_text()
