"""How the parts of a page that Markdown does not know become HTML: words explained, tables, questions, drawings."""

from collections.abc import Sequence
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from procedures import figures


def text_of(inline: Token) -> str:
    """The words of a paragraph or a heading."""
    return "".join(" " if child.type == "softbreak" else child.content for child in inline.children or ())


def behind_name(token: Token) -> str:
    """What stands behind a block's name: the words of a question, the name of a drawing."""
    return token.info.strip().partition(" ")[2].strip()


def dfn(state: StateInline, silent: bool) -> bool:
    end = state.src.find("]]", state.pos, state.posMax)
    if not state.src.startswith("[[", state.pos) or end < 0:
        return False
    if not silent:
        state.push("dfn_open", "dfn", 1)
        state.push("text", "", 0).content = state.src[state.pos + 2 : end]
        state.push("dfn_close", "dfn", -1)
    state.pos = end + 2
    return True


def table(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """A table in a region of its own: where it is wider than a phone, the region is moved, and not the page."""
    if tokens[index].nesting == -1:
        return "</table>\n</div>\n"
    head: list[str] = []
    for token in tokens[index:]:
        if token.type == "thead_close":
            break
        head += [text_of(token)] if token.type == "inline" else []
    label = _("Table: %(columns)s") % {"columns": ", ".join(filter(None, head))}
    fact = f' data-fact="{escape(tokens[index].attrs["data-fact"])}"' if "data-fact" in tokens[index].attrs else ""
    return f'<div class="wide" role="region" tabindex="0" aria-label="{escape(label)}"{fact}>\n<table>\n'


def question(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    if token.nesting == -1:
        return "</details>\n"
    fact = f' data-fact="{escape(token.attrs["data-fact"])}"' if "data-fact" in token.attrs else ""
    is_open = " open" if env["open"] else ""
    return f"<details{is_open}{fact}>\n<summary>{escape(behind_name(token))}</summary>\n"


def figure(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    if token.nesting == -1:
        return "</figure>\n"
    return f"{figures.PLACE % escape(behind_name(token))}\n"
