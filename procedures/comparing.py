"""Two versions of a text side by side."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest


@dataclass(frozen=True)
class Row:
    """A line of the old text beside one of the new; each side as pieces, (words, whether only this side has them)."""

    old: list[tuple[str, bool]]
    new: list[tuple[str, bool]]

    @property
    def differs(self) -> bool:
        return any(changed for _, changed in (*self.old, *self.new))


def side_by_side(old: str, new: str) -> list[Row]:
    """All lines of both texts in order but empty ones, changed ones with the words that differ."""
    before, after = (list(filter(str.strip, text.splitlines())) for text in (old, new))
    rows: list[Row] = []
    for kind, i, j, k, m in SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            rows += [Row([(line, False)], [(line, False)]) for line in before[i:j]]
        else:
            rows += [_changed(*pair) for pair in zip_longest(before[i:j], after[k:m], fillvalue="")]
    return rows


def _changed(old: str, new: str) -> Row:
    before, after = re.findall(r"\s+|\S+", old), re.findall(r"\s+|\S+", new)
    match = SequenceMatcher(None, before, after)
    row = Row([], [])
    for kind, i, j, k, m in match.get_opcodes():
        for side, words in ((row.old, before[i:j]), (row.new, after[k:m])):
            if words:
                side.append(("".join(words), kind != "equal"))
    return row


def only_near_changes(rows: Sequence[Row], around: int = 2) -> list[Row | None]:
    """The rows that differ with a few around them; None stands for those left out."""
    near = {n + d for n, row in enumerate(rows) if row.differs for d in range(-around, around + 1)}
    shown: list[Row | None] = []
    for number, row in enumerate(rows):
        if number in near:
            shown.append(row)
        elif not shown or shown[-1] is not None:
            shown.append(None)
    return shown
