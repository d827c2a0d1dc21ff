"""
The drawings, put into a page's words, shown alone, or on the door to a page: files of ours, which are part of the page,
and those that an editor has uploaded, which a browser shows as pictures. In a picture nothing runs or is asked for.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from procedures.models import Drawing
from procedures.models.drawing import NAME

DRAWINGS = Path(__file__).resolve().parent / "drawings"
_PARTS = DRAWINGS / "parts"
# Where the words have a drawing, by its name.
PLACE = '<figure data-drawing="%s">'
_PLACE = re.compile(PLACE % '([^"]*)' + r"(?=(\s*</figure>)?)")
# Of ours a drawing that has no words of its own is told by those beside it: nothing of it is heard.
_HIDDEN = ' aria-hidden="true"'


def drawn(html: str) -> str:
    """The HTML with the drawings in their places. The first that uses the common parts brings them along."""
    parts = iter([svg("bones", _PARTS)])
    pictures = uploaded(name for name, _end in _PLACE.findall(html))
    return _PLACE.sub(lambda found: _figure(found[1], parts, pictures, "" if found[2] is None else _HIDDEN), html)


def uploaded(names: Iterable[str]) -> dict[str, Drawing]:
    """Those of the names that an editor has uploaded a drawing for; asks nothing where all are files of ours."""
    others = {name for name in names if not svg(name) and re.fullmatch(NAME, name)}
    return {drawing.slug: drawing for drawing in Drawing.objects.filter(slug__in=others)} if others else {}


def alt(name: str) -> str:
    """What an uploaded drawing says to those who cannot see it; of ours it is their caption."""
    return "".join(drawing.alt for drawing in uploaded([name]).values())


def names() -> list[str]:
    return sorted([file.stem for file in DRAWINGS.glob("*.svg")] + [*Drawing.objects.values_list("slug", flat=True)])


def _figure(name: str, parts: Iterator[str], pictures: dict[str, Drawing], hidden: str) -> str:
    """The beginning of a drawing's figure, maybe with the `parts`."""
    drawing = svg(name)
    if not drawing:
        picture = pictures.get(name)
        return f'<figure class="drawing">{_picture(picture) if picture else ""}'
    if name.startswith("mark-"):
        return f'<figure class="mark"{hidden}>{drawing}'
    if "<use" in drawing:
        drawing = drawing.replace(">", f">{next(parts, '')}", 1)
    # Not read out: beside each of four drawings it says nothing of what the drawing shows, which its caption does.
    sides = f"<span>{_('Front of the body')}</span> <span>{_('Your back')}</span>"
    return f'<figure class="drawing"{hidden}>{drawing}<p class="sides" aria-hidden="true">{sides}</p>'


def _picture(drawing: Drawing) -> SafeString:
    return format_html(
        '<img src="{}" alt="{}" width="{}" height="{}">',
        drawing.get_absolute_url(), drawing.alt, drawing.width, drawing.height,
    )  # fmt: skip


def alone(name: str) -> SafeString:
    """The drawing with the parts that it uses, for a page that shows no other; empty when there is none."""
    if name and not svg(name):
        picture = uploaded([name]).get(name)
        return _picture(picture) if picture else SafeString()
    return mark_safe(svg(name).replace(">", f">{svg('bones', _PARTS)}", 1))  # noqa: S308  (A file of ours.)


def on_door(slug: str) -> SafeString:
    """The drawing on the door to a page, empty where there is none; the parts that it uses stand in another above."""
    return mark_safe(svg(slug, DRAWINGS / "doors"))  # noqa: S308  (A file of ours.)


@cache
def svg(name: str, folder: Path = DRAWINGS) -> str:
    """The drawing as SVG; empty when there is none of that name."""
    file = folder / f"{name}.svg"
    return file.read_text() if re.fullmatch(r"[a-z0-9-]+", name) and file.exists() else ""
