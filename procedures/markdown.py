"""
Markdown as the clinic writes it, to HTML that is safe to show. The one place that marks what people write safe.

Beside CommonMark: tables, lists of terms, blocks such as `::: card` … `:::`, a line `{fact="R8"}` above a block, which
says which clinical fact the block tells, and `[[trocar]]` for a word where it is explained.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

import nh3
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.attrs import attrs_block_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin

from procedures import figures, raw_marks, renderers
from procedures.renderers import behind_name, text_of

# Words are rendered once and kept: some dozen pages in two or three ways, and what editors preview.
KEPT = 128
# Blocks that only group what they hold, as <div class="…">; the last two leave no trace of themselves.
GROUPS = (
    "key-facts",
    "steps",
    "cards",
    "card",
    "timeline",
    "note",
    "apart",
    "ask",
    "words",
    "once-signed",
    "on-screen",
    "on-paper",
)
# `::: question Will it hurt?` and `::: drawing kyphoplasty-1`: what they need stands behind their name.
BLOCKS = (*GROUPS, "question", "drawing")

# Of a page: the most signs of a line, and the most headings.
LONGEST_LINE = 4_000
HEADINGS = 100

_TAGS = set(
    "p h2 h3 h4 h5 ul ol li dl dt dd strong em a blockquote hr br div table thead tbody tr th td code "
    "details summary figure dfn".split()
)
_ATTRIBUTES = {
    "*": {"id", "data-fact"},
    "a": {"href"},
    "ol": {"start"},
    "div": {"class", "role", "tabindex", "aria-label"},
    "details": {"open"},
    "figure": {"data-drawing"},
}
# What the id of a heading begins with.
OF_A_HEADING = "h-"
_PAGES = re.compile(r"/procedures/[\w-]+/(?:[\w-]+/)?")
_FENCE = re.compile(r"^\s*(?P<colons>:{3,}) *(?P<name>[^\s:]*) *(?P<rest>.*?)\s*$")


def render(body: str, *, signed: bool = False, on_paper: bool = False) -> SafeString:
    """
    Turn a page's Markdown into clean HTML: no raw HTML, no script, no address but https, tel and mailto.

    `once-signed` blocks show only when the words are `signed` off by a clinician. On paper headings are one rank
    lower, since the sheet has the page's title as a heading, and questions are open; what is only for the screen is
    left out there, but for what a clinician signed in it.
    """
    # The drawings are files of ours, or were written anew; everything else is cleaned.
    return mark_safe(figures.drawn(_clean(body, signed=signed, on_paper=on_paper)))  # noqa: S308


@lru_cache(maxsize=KEPT)
def _clean(body: str, *, signed: bool, on_paper: bool) -> str:
    tokens = list(_shown(parsed(body, signed=signed), but="on-screen" if on_paper else "on-paper"))
    _to_headings(tokens)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1]) + on_paper}"
            if on_paper:  # Several pages on one sheet would share their ids, and nothing leads to them there.
                token.attrs.pop("id", None)
    dirty = _parser().renderer.render(tokens, _parser().options, {"open": on_paper})
    return nh3.clean(dirty, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"https", "tel", "mailto"}, link_rel=None)


def split(body: str) -> tuple[str, str]:
    """The key facts or the cards that a page begins with, and the rest: the list of contents stands between them."""
    found = re.match(r"\s*(:{3,}) *(?:key-facts|cards)\b.*?^\1[^\S\n]*$", body, re.DOTALL | re.MULTILINE)
    return (found[0], body[found.end() :]) if found else ("", body)


@lru_cache(maxsize=KEPT)
def contents(body: str, *, signed: bool = False) -> tuple[tuple[str, str], ...]:
    """The page's headings of the first rank, as (id, words): what its list of contents links to."""
    shown = list(_shown(parsed(body, signed=signed), but="on-paper"))
    return tuple((id, words) for rank, id, words in _headings(shown) if rank == "h2")


@lru_cache(maxsize=KEPT)
def headings(body: str, *, signed: bool = False) -> frozenset[str]:
    """The words of all headings, in small letters: what the page has something under."""
    return frozenset(words.casefold() for _rank, _id, words in _headings(parsed(body, signed=signed)))


def heading_ids(body: str) -> frozenset[str]:
    """The addresses of all headings on a screen, also of those that wait for a signature."""
    shown = list(_shown(parsed(body, signed=True), but="on-paper"))
    return frozenset(id for _rank, id, _words in _headings(shown))


def _headings(tokens: list[Token]) -> Iterator[tuple[str, str, str]]:
    for opened, inline in pairwise(tokens):
        if opened.type == "heading_open":
            yield opened.tag, str(opened.attrs.get("id", "")), text_of(inline)


def statements(body: str) -> list[tuple[str, str]]:
    """Everything that the page says, block by block in its order, as (fact ids, words); the ids may be empty."""
    said, facts = [], [""]
    for token in parsed(body, signed=True):
        if token.nesting == 1:
            facts.append(str(token.attrs.get("data-fact", "")) or facts[-1])
            if token.type == "container_question_open":
                said.append((facts[-1], behind_name(token)))
            if token.type == "container_drawing_open" and (alt := figures.alt(behind_name(token))):
                said.append((facts[-1], alt))
        elif token.nesting == -1:
            facts.pop()
        elif token.type == "inline":
            said.append((facts[-1], text_of(token)))
    return said


def links(body: str) -> list[str]:
    """The addresses that the page links to, in its order."""
    inlines = (token.children or () for token in parsed(body, signed=True) if token.type == "inline")
    return [str(child.attrs["href"]) for children in inlines for child in children if child.type == "link_open"]


def _too_much(body: str) -> str | None:
    # Before anything reads the words: some patterns take the square of a line's length, ids that of equal headings.
    lines = body.split("\n")
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            said = _("Line %(line)s has %(signs)s characters. A line has %(most)s at most: begin a new paragraph.")
            return said % {"line": number, "signs": len(line), "most": LONGEST_LINE}
    begun = (line.lstrip(" >").rstrip() for line in lines)
    # A heading begins with a sign, or is underlined by dashes.
    if sum(words.startswith("#") or set(words) == {"-"} for words in begun) > HEADINGS:
        return _("A page has %(most)s headings at most.") % {"most": HEADINGS}
    return None


def problem(body: str) -> str | None:
    """A sentence about the first thing that would not show as meant, or None."""
    if too_much := _too_much(body):
        return too_much
    tokens = _parser().parse(body)
    # What the parser took for blocks, as (first line, last line): it knows of indents and lists, the lines do not.
    blocks = {(t.map[0] + 1, t.map[1] + 1) for t in tokens if t.type.startswith("container_") and t.map}
    open_fences: list[int] = []
    opened_at: list[int] = []
    for number, line in enumerate(body.split("\n"), start=1):
        if not (fence := _FENCE.match(line)):
            continue
        colons, name = len(fence["colons"]), fence["name"]
        if not name:
            if not open_fences or colons != open_fences.pop():
                return _("Line %(line)s closes a block that is not open.") % {"line": number}
            if (opened_at.pop(), number) not in blocks:
                return _("The block that ends in line %(line)s is indented in another way than its words.") % {
                    "line": number
                }
            continue
        if said := _problem_of_block(name, fence["rest"]):
            return _("Line %(line)s: %(problem)s") % {"line": number, "problem": said}
        if open_fences and colons >= open_fences[-1]:
            return _("Line %(line)s: a block inside another has fewer colons than the outer one.") % {"line": number}
        open_fences.append(colons)
        opened_at.append(number)
    if open_fences:
        return _("A block is not closed: it ends with a line of as many colons as it began with.")
    return _problem_of_words(tokens) or raw_marks.lost(body)


def _problem_of_words(tokens: list[Token]) -> str | None:
    for token in tokens:
        line = {"line": token.map[0] + 1 if token.map else 0}
        if token.type in ("code_block", "fence"):
            return _("Line %(line)s would show as a program's code: take away the spaces or ``` before it.") % line
        if token.type == "heading_open" and token.tag == "h1":
            return _("Line %(line)s: a heading begins with ##. The title is the page's only heading with one #.") % line
        if any(child.type == "image" for child in token.children or ()):
            return _("Line %(line)s: pictures are not shown. There are drawings: see “How to write”.") % line
    return raw_marks.problem(tokens)


def _problem_of_block(name: str, rest: str) -> str | None:
    if name not in BLOCKS:
        return _("there is no block called “%(name)s”. There are: %(names)s.") % {
            "name": name,
            "names": ", ".join(BLOCKS),
        }
    if name == "question" and not rest:
        return _("the question is missing behind the word.")
    if name == "drawing" and not (figures.svg(rest) or figures.uploaded([rest])):
        names = figures.names()
        return _("there is no drawing called “%(name)s”. There are: %(names)s.") % {
            "name": rest,
            "names": ", ".join(names),
        }
    return None


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.use(deflist_plugin)
    parser.use(anchors_plugin, min_level=2, max_level=3, slug_func=_slug)
    parser.use(attrs_block_plugin, allowed=("fact",))
    parser.inline.ruler.before("link", "dfn", renderers.dfn)
    parser.add_render_rule("table_open", renderers.table)
    parser.add_render_rule("table_close", renderers.table)
    for name in GROUPS:
        parser.use(container_plugin, name=name)
    parser.use(container_plugin, name="question", render=renderers.question)
    parser.use(container_plugin, name="drawing", render=renderers.figure)
    return parser


def _slug(heading: str) -> str:
    """The heading's id, which is never one of the page around it: none of these begins so."""
    return f"{OF_A_HEADING}{slugify(heading, allow_unicode=True)}"


# The parser and what it stands on make their tables when they meet the first words, and a second thread would find them
# half full: it would leave out rules, or fail at a link. So the first words come before there are threads.
_parser().parse("A [link](/) and <https://clinic.example/>.")


def _to_headings(tokens: list[Token]) -> None:
    """Lead links to a heading by its words (#risks), as editors write them, to its id; on our other pages, too."""
    ids = {f"#{id}" for _rank, id, _words in _headings(tokens)}
    for link in (child for token in tokens for child in token.children or () if child.type == "link_open"):
        address, sign, at = str(link.attrs["href"]).partition("#")
        led = f"#{OF_A_HEADING}{at}"
        if sign and not at.startswith(OF_A_HEADING) and (led in ids if not address else _is_a_pages(address, at)):
            link.attrs["href"] = f"{address}{led}"


def _is_a_pages(address: str, at: str) -> bool:
    """Whether it leads to a heading of a page of ours. Their other parts have ids of the pages themselves."""
    return bool(_PAGES.fullmatch(address.removeprefix(settings.SITE_URL))) and at not in ("contact", "main", "")


def parsed(body: str, *, signed: bool) -> list[Token]:
    """The parser's tokens, without what waits for a signature unless the words are `signed`."""
    tokens, depth = [], 0
    for token in _parser().parse(body):
        waits = not signed and "once-signed" in token.type
        depth += waits and token.nesting
        if depth or waits:
            continue
        if "fact" in token.attrs:
            token.attrs["data-fact"] = token.attrs.pop("fact")
        tokens.append(token)
    return tokens


def _shown(tokens: list[Token], *, but: str) -> Iterator[Token]:
    """The tokens without the blocks called `but`; what a clinician signed inside of these stays."""
    left_out = signed = 0
    for token in tokens:
        if token.type.startswith(("container_on-screen", "container_on-paper")):
            left_out += token.nesting if but in token.type else 0
            continue
        is_signed = "once-signed" in token.type
        signed += is_signed and token.nesting
        if not left_out or signed or is_signed:
            yield token
