"""Where a typed value stands beside other words, so that a script that runs right to left could turn them round."""

import re
from html.parser import HTMLParser
from typing import Any

_EMPTY = {"br", "input", "img", "hr", "meta", "link", "col", "source", "wbr"}
# Nothing stands beside a value there, or no page shows it.
_ALONE = {"script", "style", "title", "textarea", "option", "bdi"}
_ISOLATED = re.compile("\u2068[^\u2068\u2069]*\u2069")


class _Reader(HTMLParser):
    def __init__(self, value: str) -> None:
        super().__init__()
        # A name may have two parts; a row's id stands behind each.
        self.value, self.alone = value, re.compile(rf"({re.escape(value)}\d*\s?){{1,2}}")
        self.open: list[tuple[str, dict[str, Any], list[str]]] = []
        self.mixed: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _EMPTY:
            self.open.append((tag, dict(attrs), []))

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1][2].append(data)

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            around = [each for each, attrs, _said in self.open if each in _ALONE or attrs.get("dir") == "auto"]
            closed, _attrs, said = self.open.pop()
            words = " ".join("".join(said).split())
            beside = _ISOLATED.sub("", words)
            if self.value in beside and not around and closed != "address" and not self.alone.fullmatch(words):
                self.mixed.add(f"{closed}: {words}")
            if closed == tag:
                return


def mixed(page: str, value: str) -> set[str]:
    """The words of each element in which this value stands beside others and is not isolated from them."""
    reader = _Reader(value)
    reader.feed(page)
    reader.close()
    return reader.mixed
