"""The table of roles in docs/front-desk.md, beside the rights that the roles have."""

import re
from pathlib import Path

from django.conf import settings

from clinic.accounts import roles

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "front-desk.md"
COLUMNS = (roles.FRONT_DESK, roles.MANAGER, roles.CLINICIAN, roles.CONTENT_EDITOR)


def rows() -> list[tuple[str, list[str], list[str]]]:
    """What one can do, for each role whether it can ("yes" or "–"), and the rights that this takes."""
    table = DOCUMENT.read_text().partition("## Who may do what")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if "`" in line]
    return [(what, may, re.findall(r"`([^`]+)`", rights)) for what, *may, rights in cells]


def test_each_role_has_the_rights_that_the_table_says_and_no_other():
    told: dict[str, list[str]] = {role: [] for role in COLUMNS}
    for what, may, rights in rows():
        assert len(may) == len(COLUMNS), what
        assert set(may) <= {"yes", "–"}, what
        for role, is_yes in zip(COLUMNS, may, strict=True):
            told[role] += rights if is_yes == "yes" else []

    assert {role: sorted(set(rights)) for role, rights in told.items()} == {
        role: sorted(names) for role, names in roles.ROLES.items()
    }


def test_the_table_says_each_right_once():
    every = [right for _what, _may, rights in rows() for right in rights]

    assert sorted(every) == sorted({right for names in roles.ROLES.values() for right in names})
