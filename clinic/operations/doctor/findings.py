"""What the doctor says: a sentence about what is wrong, how bad it is, and what to do."""

from enum import IntEnum
from typing import NamedTuple


class Severity(IntEnum):
    """How bad a finding is; the worst one is the exit status of `manage.py doctor`."""

    WARNING = 1
    ERROR = 2


class Finding(NamedTuple):
    """Nothing in it is about one patient: it goes into mails, alarms and logs. `name` is that of its function."""

    severity: Severity
    words: str
    to_do: str
    name: str = ""


def warning(words: str, to_do: str) -> Finding:
    return Finding(Severity.WARNING, words, to_do)


def error(words: str, to_do: str) -> Finding:
    return Finding(Severity.ERROR, words, to_do)
