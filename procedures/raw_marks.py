"""
What comes along when words are pasted from a word processor, a chat or a web page: what can be understood is written as
our Markdown writes it, and of the rest the line is named. No page shows a sign that was meant to do something.
"""

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from markdown_it.token import Token

from clinic.typed_text import seen

_BULLETS = (
    "\u2022\u2023\u25e6\u2043\u2219\u25aa\u25ab\u25cf\u25cb\u25a0\u25a1\u25b8\u25ba\u27a2\u2713\u2714\u00b7"
    # Of the fonts Symbol and Wingdings, as Word has them.
    "\uf0a7\uf0b7\uf0d8\uf0fc"
)
# Bullets as word processors and chats write them; the letter o and a dash are some where a tab follows.
_BULLET = re.compile(rf"^([ \t]*)(?:[{_BULLETS}][ \t\u00a0]*|[o\u2013\u2014-]\t[ \t]*)(?=\S)")
_NUMBER = re.compile(r"^([ \t]*\d{1,3}[.)])[\t\u00a0][ \t\u00a0]*(?=\S)")
# A space that keeps words together is no space to Markdown.
_MARK = re.compile(r"^([ \t]*(?:#{2,6}|[-+*>]))\u00a0+")
_LINE_ENDS = str.maketrans({"\u2028": "\n", "\u2029": "\n\n", "\x0b": "\n", "\x0c": "\n"})

# What a mark may stand in without being one.
_NO_MARKS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|\d\s?[*|]\s?(?=\d)")
# What would show as it is. "^" is the beginning of a line.
_RAW = re.compile(
    r"</?[a-zA-Z][a-zA-Z0-9:]*(?:\s[^<>]*)?/?>|<!--"
    r"|&(?:[a-zA-Z]{2,8}|#\d{1,7});"
    r"|\*+|__+|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)"
    r"|~~|(?<!\w)~\w[^~]{0,300}~(?!\w)"
    r"|==(?=\S)|(?<=\S)=="
    r"|`|\\"
    r"|\[\[|\]\]|\]\(|\]\[|\[\^|\[\d{1,3}\]|\[edit\]|^\[[ xX]?\](?=\s)"
    r"|^#+(?=[^\W\d]|\s)|^>"
    r"|:{3,}|:[a-z][a-z_]+:"
    r"|\{\s*(?:fact|#|\.|:)[^}]{0,100}\}?"
    r"|\|"
    rf"|^[{_BULLETS}]|^\+\s"
    r"|[\ue000-\uf8ff\ufffc\ufffd]"
)


def understood(body: str) -> str:
    """The words as our Markdown writes them: bullets begin with "- ", and signs that nobody sees are gone."""
    lines = seen(body).replace("\r\n", "\n").translate(_LINE_ENDS).split("\n")
    return "\n".join(_MARK.sub(r"\1 ", _NUMBER.sub(r"\1 ", _BULLET.sub(r"\1- ", line))) for line in lines)


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
