"""Existing appointments from another calendar: read from a file, and compared with ours in a dry run."""

from appointments.importing.files import MOST_BYTES, MOST_ROWS, Reading, read
from appointments.importing.plans import Line, Plan, Verdict, plan
from appointments.importing.rows import Row

__all__ = [
    "MOST_BYTES", "MOST_ROWS", "Line", "Plan", "Reading", "Row", "Verdict", "plan", "read",
]  # fmt: skip
