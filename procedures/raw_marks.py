"""
What comes along when words are pasted from a word processor, a chat or a web page: what can be understood is written as
our Markdown writes it, and of the rest the line is named. No page shows a sign that was meant to do something.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from django.utils.translation import gettext as _
from markdown_it.token import Token

from clinic.typed_text import seen

_BULLETS = (
    "\u2022\u2023\u25e6\u2043\u2219\u25aa\u25ab\u25cf\u25cb\u25a0\u25a1\u25b8\u25ba\u27a2\u2713\u2714\u00b7"
    # Of the fonts Symbol and Wingdings, as Word has them.
    "\uf0a7\uf0b7\uf0d8\uf0fc"
)
# Signs that are bullets where a space follows: arrows, squares, stars, ticks, boxes.
_SIGNS = (
    "\u00bb\u203a\u2192\u21d2\u21e8\u21fe\u25a0-\u25ff\u2605\u2606\u2610-\u2612\u2705\u2713-\u274e\u2751\u2752\u2756\u2761\u2767"
    "\u2776-\u27be\u2b1b\u2b1c\u2b24\u2b25-\u2b2b\u2b50\U0001f449\U0001f518\U0001f534\U0001f535\U0001f538\U0001f539"
)
# Bullets as word processors and chats write them; the letter o and a dash are some beside a tab.
_BULLET = re.compile(
    rf"^([ \t]*)(?:[{_BULLETS}]\ufe0f?[ \t\u00a0]*|[{_SIGNS}]\ufe0f?[ \t\u00a0]+"
    r"|\\[*+-][ \t\u00a0]+|[o\u2013\u2014-]\t[ \t]*|(?<=\t)o[ \t\u00a0]+)(?=\S)"
)
_NUMBER = re.compile(r"^([ \t]*\d{1,3})\\?([.)])(?:[\t\u00a0][ \t\u00a0]*|(?<=\\[.)])[ ]+)(?=\S)")
# These are a list where at least two lines begin so, one after another, and count on.
_DASHED = re.compile(r"^([ \t]*)(?:[\u2010-\u2015\u2212][ \t\u00a0]*|-(?=[^\W\d_])|o[ \t\u00a0]+)(?=\S)")
_COUNTED = re.compile(
    r"^([ \t]*)(?:\((\w{1,4})\)|(\d{1,3})(?:\.\)|[.)](?=[^\W\d_]))|([a-zA-Z]|[ivxIVX]{1,4})[.)]{1,2}(?=\s)"
    r"|([\u2460-\u2473])|(\d)\ufe0f?\u20e3)[ \t\u00a0]*(?=\S)"
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
# A space that keeps words together is no space to Markdown.
_MARK = re.compile(r"^([ \t]*(?:#{2,6}|[-+*>]))\u00a0+")
_LINE_ENDS = str.maketrans({"\u2028": "\n", "\u2029": "\n\n", "\x0b": "\n", "\x0c": "\n"})

# What a mark may stand in without being one.
_NO_MARKS = re.compile(r"(?:https?://|www\.)\S+|[^\s\[\]:]+@\S+|\d\s?[*|]\s?(?=\d)")
# What would show as it is. "^" is the beginning of a line.
_RAW = re.compile(
    r"</?[a-zA-Z][a-zA-Z0-9:]*(?:\s[^<>]*)?/?>|<!--|<[!?]|\bmso-\w"
    r"|&(?:[a-zA-Z]{2,8}|#\d{1,7});"
    r"|\*+|__+|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)"
    r"|~~|(?<!\w)~\w[^~]{0,300}~(?!\w)|~\w{1,4}~|\^|\+\+|''|\$\$"
    r"|={2,}"
    r"|`|\\|\{[^}\n]{0,100}\}?|\}|%\w{1,40}%|\u00b6"
    r"|\[\[|\]\]|\]\(|\]\[|\[\^"
    # Notes, links and pictures of other sites, what a chat says of who wrote when.
    r"|\[\s?(?:\d{1,3}(?:\s?[,\u2013-]\s?\d{1,3}){0,20}|[a-zA-Z]|note\s\d{1,3}|edit|hide|show|citation needed)\s?\]"
    r"|\[(?:cid:|image|photo|figure|video|/?(?:url|img|quote|code|size|color|list)\b)|\[/[bius]\]|^\[\d{1,2}[:.]\d\d"
    r"|[\u2020\u2021]|(?<=[^\W\d_]{4})[\u00b9\u00b2\u00b3\u2070-\u2079]|(?<=[.,;!?])[\u00b9\u00b2\u00b3\u2070-\u2079]"
    r"|^\[[ xX]?\](?=\s)|^#+(?=[^\W\d]|\s)|^>|^:\s|^h[1-6]\.\s|(?<!\w)@\w+"
    r"|:{3,}|:[a-z][a-z_]+:"
    r"|\|"
    rf"|^[{_BULLETS}]|^[{_SIGNS}]\s|^\+\s"
    r"|[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffc\ufffd]"
)
# Lines that the parser takes for something that is not shown: where a link leads, what a block is called.
_LOST = re.compile(r"^[ \t>]*(?:\[[^\]\n]{1,200}\]:|\{(?!\s*fact\b))")


def understood(body: str) -> str:
    """The words as our Markdown writes them: bullets begin with "- ", and signs that nobody sees are gone."""
    lines = seen(body).replace("\r\n", "\n").translate(_LINE_ENDS).split("\n")
    lines = [_MARK.sub(r"\1 ", _NUMBER.sub(r"\1\2 ", _BULLET.sub(r"\1- ", line))) for line in lines]
    return "\n".join(_counted(_dashed(lines)))


def _dashed(lines: list[str]) -> list[str]:
    """A dash, or the letter o, alone begins a sentence; two of them, one after another, begin a list."""
    begin = [bool(_DASHED.match(line)) for line in lines]
    for number in _runs(lines, begin):
        lines[number] = _DASHED.sub(r"\1- ", lines[number])
    return lines


def _counted(lines: list[str]) -> list[str]:
    """Lines that are counted from the first on as (1), a), i. or ① are counted as 1."""
    written = [number for number, line in enumerate(lines) if line.strip()]
    places = [_place(line) for line in lines]
    counted = 0  # How many lines of a list there are before this one.
    for before, number in pairwise(written):
        counted = counted or int(1 in places[before])
        if counted and counted + 1 in places[number]:
            lines[before] = _COUNTED.sub(rf"\g<1>{counted}. ", lines[before])
            counted += 1
            lines[number] = _COUNTED.sub(rf"\g<1>{counted}. ", lines[number])
        else:
            counted = 0
    return lines


def _place(line: str) -> set[int]:
    """Which in a list a line says that it is: the letter i is the ninth, or the first."""
    if not (found := _COUNTED.match(line)):
        return set()
    said = next(filter(None, found.groups()[1:])).lower()
    if said.isdecimal() or (len(said) == 1 and said.isdigit()):
        return {int(unicodedata.numeric(said)) if len(said) == 1 else int(said)}
    # Not "E. coli", nor initials.
    is_name = re.match(r"\s*[A-Z]\.", line)
    places = {ord(said) - ord("a") + 1} if re.fullmatch("[a-z]", said) and not is_name else set()
    return places | ({_ROMAN.index(said) + 1} if said in _ROMAN else set())


def _runs(lines: Sequence[str], begin: Sequence[bool]) -> Iterator[int]:
    """The numbers of those lines that begin so as the written one before or after them does."""
    written = [number for number, line in enumerate(lines) if line.strip()]
    yield from sorted({each for pair in pairwise(written) if all(begin[each] for each in pair) for each in pair})


def lost(body: str) -> str | None:
    """A sentence about the first line that would not be shown at all, or None."""
    for number, line in enumerate(body.split("\n"), start=1):
        if found := _LOST.match(line):
            return _("Line %(line)s: “%(sign)s” would not be shown. Write it as words, or take it away.") % {
                "line": number,
                "sign": found[0].strip(),
            }
    return None


def in_plain(words: str) -> str | None:
    """A sentence about a mark in words that are no Markdown, like a title; or None."""
    found = _first(words.strip())
    return _("“%(sign)s” would show as it is: these are plain words.") % {"sign": found} if found else None


def problem(tokens: Sequence[Token]) -> str | None:
    """A sentence about the first line in which a mark would show as it is, or None."""
    for token in tokens:
        begins = token.map[0] + 1 if token.map else 0
        for number, words in enumerate(_lines(token), start=begins):
            if "\t" in words:
                return _("Line %(line)s has columns with tabs between them. Write a table, or a list.") % {
                    "line": number
                }
            if found := _first(words):
                return _("Line %(line)s: “%(sign)s” would show as it is. See “How to write”, or take it away.") % {
                    "line": number,
                    "sign": found,
                }
    return None


def _lines(token: Token) -> Iterator[str]:
    """What visitors would read of a token as plain text, a line each; what is no text, like code, is a letter."""
    if token.type == "container_question_open":
        yield token.info.strip().partition(" ")[2].strip()
    if token.type != "inline":
        return
    line: list[str] = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            yield "".join(line)
            line = []
        elif child.type == "text":
            line.append(child.content)
        elif child.nesting == 0 and child.type != "image":
            line.append("a")
    yield "".join(line)


def _first(words: str) -> str:
    found = _RAW.search(_NO_MARKS.sub("0", words))
    return found[0].strip()[:40] if found else ""
