"""The clinical facts that a procedure's pages tell, as the clinic states them: what a clinician signs against."""

import tomllib
from functools import cache
from pathlib import Path

CONTENT = Path(__file__).resolve().parent / "content"


@cache
def of(procedure: str) -> dict[str, str]:
    """The facts by their ids (R8), in the clinic's own order; empty for a procedure that brings none."""
    file = CONTENT / procedure / "facts.toml"
    return tomllib.loads(file.read_text()) if file.is_file() else {}
