"""Numbers of the environment."""

from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured


def between(name: str, lowest: int, highest: int) -> Callable[[str], int]:
    """What reads the variable of that name. Raises ImproperlyConfigured for any other text, an empty one, too."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and lowest <= int(text) <= highest):
            raise ImproperlyConfigured(f"{name} is {text!r}: it must be a number from {lowest} to {highest}")
        return int(text)

    return read
