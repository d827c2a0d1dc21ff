"""The addresses that anybody may open, read from the URL patterns: none can be added that is not asked for here."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

STAFFS = "admin/"
_PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()\\]|\\.)*\)")


def patterns() -> Iterator[str]:
    """Each pattern of a public address, with parts like <slug:procedure>."""
    return _below(get_resolver().url_patterns, "/")


def _below(found: list, before: str) -> Iterator[str]:
    for pattern in found:
        # A regular expression begins anew with ^ and ends with $.
        route = before + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            if str(pattern.pattern) != STAFFS:
                yield from _below(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def filled(pattern: str, **parts: str) -> str:
    """The address with these parts in it. A part that nobody has thought of is a KeyError."""
    address = _PART.sub(lambda found: parts[found[1] or found[2]], pattern).replace(r"\.", ".")
    assert not set(address) & set("<>()[]{}\\^$?*+"), f"{pattern} is no address with its parts filled in: {address}"
    return address
