"""
Markdown as the clinic writes it, to HTML that is safe to show. The one place that marks content safe.

Beside CommonMark: tables, blocks such as `::: card` … `:::`, and a line `{fact="R8"}` above a block, which says
which clinical fact the block tells.
"""

import re
from functools import cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.attrs import attrs_block_plugin
from mdit_py_plugins.container import container_plugin

BLOCKS = ("key-facts", "steps", "cards", "card", "timeline", "note")

_TAGS = set("p h2 h3 h4 ul ol li strong em a blockquote hr br div table thead tbody tr th td code".split())
_ATTRIBUTES = {"*": {"id", "data-fact"}, "a": {"href"}, "ol": {"start"}, "div": {"class"}}
_FENCE = re.compile(r"^ {0,3}(?P<colons>:{3,}) *(?P<name>[^\s:]*) *$")


def render(body: str) -> SafeString:
    """Turn a page's Markdown into clean HTML: no raw HTML, no script, no address but https, tel and mailto."""
    parser = _parser()
    tokens = parser.parse(body)
    for token in tokens:
        if "fact" in token.attrs:
            token.attrs["data-fact"] = token.attrs.pop("fact")
    dirty = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(dirty, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"https", "tel", "mailto"}, link_rel=None)
    return mark_safe(clean)  # noqa: S308  (cleaned in the line above)


def problem(body: str) -> str | None:
    """A sentence about the first block that would not show as meant, or None."""
    open_fences: list[int] = []
    for number, line in enumerate(body.splitlines(), start=1):
        if not (fence := _FENCE.match(line)):
            continue
        colons, name = len(fence["colons"]), fence["name"]
        if name and name not in BLOCKS:
            return _("Line %(line)s: there is no block called “%(name)s”. There are: %(names)s.") % {
                "line": number,
                "name": name,
                "names": ", ".join(BLOCKS),
            }
        if name:
            if open_fences and colons >= open_fences[-1]:
                return _("Line %(line)s: a block inside another has fewer colons than the outer one.") % {
                    "line": number
                }
            open_fences.append(colons)
        elif open_fences and colons == open_fences[-1]:
            open_fences.pop()
        else:
            return _("Line %(line)s closes a block that is not open.") % {"line": number}
    if open_fences:
        return _("A block is not closed: it ends with a line of as many colons as it began with.")
    return None


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.use(anchors_plugin, min_level=2, max_level=3)
    parser.use(attrs_block_plugin, allowed=("fact",))
    for name in BLOCKS:
        parser.use(container_plugin, name=name)
    return parser
