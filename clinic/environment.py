"""How variables of the environment are read: also from files, as a container is given its secrets."""

from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_ON, _OFF = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


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


def given(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Those of the variables that say something, in their order."""
    return {name: environ[name] for name in sorted(names) if environ.get(name)}


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


def switch(name: str) -> Callable[[str], bool]:
    """What reads the variable of that name, 1 or 0. Raises ImproperlyConfigured for what might mean either."""

    def read(text: str) -> bool:
        if (word := text.strip().lower()) not in _ON + _OFF:
            raise ImproperlyConfigured(f"{name} is {text!r}: it must be 1 or 0")
        return word in _ON

    return read


def addresses(name: str, *also: str) -> Callable[[str], list[str]]:
    """
    What reads the variable of that name, addresses of machines divided by commas, as Python writes them.

    Raises ImproperlyConfigured for anything else but the words in `also`: for a network, and for a host's name.
    """

    def read(text: str) -> list[str]:
        try:
            return [
                each if each in also else str(ip_address(each)) for part in text.split(",") if (each := part.strip())
            ]
        except ValueError:
            raise ImproperlyConfigured(f"{name} is {text!r}: it must be an address like 10.0.0.5") from None

    return read


def address(name: str, *also: str) -> Callable[[str], str]:
    """The same for exactly one address. An empty text is refused: a server would listen on all addresses."""
    read_all = addresses(name, *also)

    def read(text: str) -> str:
        if len(found := read_all(text)) != 1:
            raise ImproperlyConfigured(f"{name} is {text!r}: it must be one address like 127.0.0.1")
        return found[0]

    return read
