"""
The file that ENV_FILE names, read in one way.

systemd, compose and a shell each read such a file differently: `$` begins a variable, ` #` a comment, `&` another
command, a backslash vanishes. A password has any of these signs. Here a value is what stands behind the `=`.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")


def under(environment: Mapping[str, str], path: str) -> dict[str, str]:
    """The environment, and below it what the file at `path` says. An empty path is no file."""
    return {**read(Path(path)), **environment} if path else dict(environment)


def read(path: Path) -> dict[str, str]:
    """
    The values by name. A pair of quotes around the whole value is left out; nothing within it has a meaning.

    Raises ImproperlyConfigured for a file that cannot be read, and for a line that is neither a value nor a comment;
    its words name the line by its number, since it may hold a secret.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8"
        raise ImproperlyConfigured(f"ENV_FILE is {path}, which cannot be read: {why}") from None
    values = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not (found := _LINE.fullmatch(line.strip())):
            raise ImproperlyConfigured(f"Line {number} of {path} is neither NAME=value nor a comment")
        name, value = found[1], found[2].strip()
        is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
        values[name] = value[1:-1] if is_quoted else value
    return values


def written(values: Mapping[str, str]) -> str:
    """The lines that `read` reads as these values. Raises ValueError for one that no line can hold."""
    for name, value in values.items():
        if len(value.splitlines()) > 1:
            raise ValueError(f"{name} has more than one line")
    return "".join(f'{name}="{value}"\n' for name, value in values.items())
