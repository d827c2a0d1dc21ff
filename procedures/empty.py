"""What in a page's words waits to be written: headings and blocks with nothing in them, and “…” in place of words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from markdown_it.token import Token

from procedures import markdown, renderers

# Stands for words that somebody is to write.
PLACEHOLDERS = ("…", "...")
_SCOPES = ("list_item", "dd", "blockquote")


@dataclass
class _Part:
    """A heading or a block: where it begins, its words or its name, and what was found in it so far."""

    line: int
    name: str
    rank: str = ""
    is_told: bool = True
    is_filled: bool = False
    has_told: bool = False


def sentences(body: str) -> list[str]:
    """One sentence for each part that is empty, in the page's order; no sentence means that all is written."""
    return [
        _("Line %(line)s: nothing stands under “%(name)s” yet.") % {"line": line, "name": name}
        for line, name in sorted(_empty(body))
    ]


def _empty(body: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    opened: list[_Part] = []
    last_said, tokens = "", markdown.parsed(body, signed=True)

    def close() -> None:
        part = opened.pop()
        if part.is_told and not part.is_filled and not part.has_told:
            found.append((part.line, part.name))
            tell()

    def tell() -> None:
        for part in opened:
            part.has_told = True

    for number, token in enumerate(tokens):
        kind, before = token.type, tokens[number - 1].type if number else ""
        if kind == "heading_open":
            # A heading ends those of its rank and below, inside the same block.
            while opened and opened[-1].rank >= token.tag:
                close()
            opened.append(_Part(_line(token), renderers.text_of(tokens[number + 1]), rank=token.tag))
        elif token.nesting == 1 and _has_parts(kind):
            opened.append(_Part(_line(token), _name(token), is_told=kind.startswith("container_")))
            if kind == "container_drawing_open":
                _fill(opened)
        elif token.nesting == -1 and _has_parts(kind):
            while opened[-1].rank:
                close()
            close()
        elif kind == "inline" and before in ("heading_open", "dt_open"):
            last_said = renderers.text_of(token)
        elif kind == "inline" and token.content.strip() in PLACEHOLDERS:
            found.append((_line(token), last_said or token.content.strip()))
            tell()
        elif kind in ("inline", "hr"):
            _fill(opened)
    while opened:
        close()
    return found


def _has_parts(kind: str) -> bool:
    return kind.startswith("container_") or kind.rpartition("_")[0] in _SCOPES


def _fill(opened: list[_Part]) -> None:
    for part in opened:
        part.is_filled = True


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _name(token: Token) -> str:
    """What a block is called: the words of its question, else its own name."""
    return renderers.behind_name(token) or token.info.strip()
