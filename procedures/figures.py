"""The drawings: files of ours, put into a page's words, shown alone, or on the door to a page."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

DRAWINGS = Path(__file__).resolve().parent / "drawings"
_BONES = DRAWINGS / "parts" / "bones.svg"
# Where the words have a drawing, by its name.
PLACE = '<figure data-drawing="%s">'
_PLACE = re.compile(PLACE % '([^"]*)')


def drawn(html: str) -> str:
    """The HTML with the drawings in their places. The first that uses the common parts brings them along."""
    parts = iter([_BONES.read_text()])
    return _PLACE.sub(lambda found: _figure(found[1], parts), html)


def _figure(name: str, parts: Iterator[str]) -> str:
    """The beginning of a drawing's figure, maybe with the `parts`."""
    drawing = svg(name)
    if not drawing:
        return '<figure class="drawing">'
    if name.startswith("mark-"):
        return f'<figure class="mark">{drawing}'
    if "<use" in drawing:
        drawing = drawing.replace(">", f">{next(parts, '')}", 1)
    # Not read out: beside each of four drawings it says nothing of what the drawing shows, which its caption does.
    sides = f"<span>{_('Front of the body')}</span> <span>{_('Your back')}</span>"
    return f'<figure class="drawing">{drawing}<p class="sides" aria-hidden="true">{sides}</p>'


def alone(name: str) -> SafeString:
    """The drawing with the parts that it uses, for a page that shows no other; empty when there is none."""
    return mark_safe(svg(name).replace(">", f">{_BONES.read_text()}", 1))  # noqa: S308  (A file of ours.)


def on_door(slug: str) -> SafeString:
    """The drawing on the door to a page, empty where there is none; the parts that it uses stand in another above."""
    return mark_safe(svg(slug, DRAWINGS / "doors"))  # noqa: S308  (A file of ours.)


@cache
def svg(name: str, folder: Path = DRAWINGS) -> str:
    """The drawing as SVG; empty when there is none of that name."""
    file = folder / f"{name}.svg"
    return file.read_text() if re.fullmatch(r"[a-z0-9-]+", name) and file.exists() else ""
