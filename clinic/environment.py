"""How variables of the environment are read: also from files, as a container is given its secrets, and as numbers."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def with_files(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """
    The environment, with the content of the file that NAME_FILE names as NAME, without the line's end.

    Raises ImproperlyConfigured where both are set, or the file cannot be read; it says no word of what is in it.
    """
    read = dict(environ)
    for name in names:
        path = environ.get(f"{name}_FILE")
        if not path:
            continue
        if environ.get(name):
            raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both")
        try:
            read[name] = Path(path).read_text().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read") from error
    return read


def secret(name: str, shortest: int) -> Callable[[str], str]:
    """What reads the variable of that name, a secret or nothing. Raises ImproperlyConfigured for a short one."""

    def read(text: str) -> str:
        if text and len(text) < shortest:
            raise ImproperlyConfigured(f"{name} must have at least {shortest} signs: it may be guessed otherwise")
        return text

    return read


def between(name: str, lowest: int, highest: int) -> Callable[[str], int]:
    """What reads the variable of that name. Raises ImproperlyConfigured for any other text, an empty one, too."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and lowest <= int(text) <= highest):
            raise ImproperlyConfigured(f"{name} is {text!r}: it must be a number from {lowest} to {highest}")
        return int(text)

    return read
