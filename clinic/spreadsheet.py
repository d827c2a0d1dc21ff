"""
Rows as lines of a CSV file that is safe to open in a spreadsheet.

What was typed comes from anybody: a cell that a spreadsheet would take for a formula begins with an apostrophe, which
makes it text. Source: OWASP, "CSV Injection".
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from clinic.typed_text import seen

# The first sign of a formula, in letters of full width, too; and what some programs skip before they look for one.
_BEGINNINGS = tuple("=+-@＝＋－＠\t\r\n")
# Excel reads UTF-8 where a file begins with this.
BOM = "\ufeff"


def cell(value: Any) -> Any:
    """A number as it is, all else as words that are no formula."""
    if value is None or isinstance(value, int | float):
        return value
    words = seen(str(value))  # What isolates a name in a sentence has no place in data.
    return f"'{words}" if words.lstrip(" ").startswith(_BEGINNINGS) else words


def lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Each row as a line, with its end; as many are made as somebody reads."""
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([cell(each) for each in row])
        yield line.getvalue()
