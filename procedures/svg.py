"""
An SVG that somebody uploads, written anew: what is on the lists below is kept, and everything else is left out.

Nothing of the file is passed on as it came. It is read by expat, with no document type and so without entities, and
the elements, attributes and words that are known are written again, escaped. What is kept runs nothing, asks for
nothing outside of itself, and is drawn in a bounded number of steps.

Source: W3C, SVG 2; OWASP, XML External Entity Prevention Cheat Sheet.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from django.utils.html import escape
from django.utils.translation import gettext as _

# Of a file: bytes, elements, how deep they lie in each other, and elements once each reference is followed.
MOST_BYTES, MOST_ELEMENTS, DEEPEST, MOST_DRAWN = 100_000, 3_000, 40, 20_000
WIDTH = 600
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"

_ELEMENTS = set(
    "svg g defs use title desc path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient "
    "stop clipPath".split()
)
_WITH_WORDS = ("title", "desc", "text", "tspan")
_LEADS = ("use", "linearGradient", "radialGradient")
_STYLES = set(
    "fill fill-opacity fill-rule stroke stroke-width stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray "
    "stroke-dashoffset stroke-opacity opacity color display visibility clip-path clip-rule stop-color stop-opacity "
    "font-family font-size font-style font-weight text-anchor dominant-baseline letter-spacing word-spacing "
    "paint-order vector-effect".split()
)
_ATTRIBUTES = _STYLES | set(
    "x y x1 y1 x2 y2 cx cy r rx ry fx fy fr d points width height transform gradientTransform gradientUnits "
    "spreadMethod offset clipPathUnits pathLength dx dy rotate textLength lengthAdjust".split()
)
# Left out without a word: they change nothing that is seen in a picture.
_UNSEEN = re.compile(
    r"version|space|baseProfile|class|role|tabindex|preserveAspectRatio|enable-background|(aria|data)-.*"
)
_POINTING = ("fill", "stroke", "clip-path")

_ID = r"[A-Za-z_][A-Za-z0-9_.-]*"
# Neither a colon, a quote, a slash, a backslash, an at sign nor a comment: no address and no escape can be written.
_PLAIN = re.compile(r"[-+.,%#\sA-Za-z0-9_()]*")
_FONTS = re.compile(r"[-A-Za-z0-9_, ']*")
_POINTER = re.compile(rf"url\(\s*(['\"]?)#({_ID})\1\s*\)")
_FUNCTIONS = set("rgb rgba hsl hsla matrix translate scale rotate skewx skewy".split())
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?)(?:px)?\s*")


class Refused(Exception):
    """The file is not taken; the words say why, to who uploads it."""


@dataclass(frozen=True)
class Clean:
    """The drawing as it is stored, its size in pixels, and what was left out of the file."""

    svg: str
    width: int
    height: int
    removed: tuple[str, ...]


def clean(data: bytes) -> Clean:
    """Raises Refused."""
    if len(data) > MOST_BYTES:
        raise Refused(_("The file is too large: a drawing has %d kB at most.") % (MOST_BYTES // 1000))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(_("This is no SVG in UTF-8. Save it again as “plain SVG”.")) from error
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise _typed()
    reader = _Reader()
    # The text is UTF-8 by now, whatever it says of itself.
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.ProcessingInstructionHandler = reader.words, reader.instruction
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = reader.document_type
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise Refused(_("This is no SVG: line %d is broken.") % error.lineno) from error
    return reader.clean()


def _typed() -> Refused:
    return Refused(_("The file has a document type (DOCTYPE), which is never read. Save it again as “plain SVG”."))


@dataclass(eq=False)
class _Element:
    name: str
    id: str = ""
    points_at: list[str] = field(default_factory=list)
    inside: list["_Element"] = field(default_factory=list)
    steps: int = 0


class _Reader:
    """What expat calls: it writes the drawing anew while it is read."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.removed: dict[str, None] = {}
        self.open: list[_Element] = []
        self.all: list[_Element] = []
        self.depth = self.left_out_from = self.seen = 0
        self.size = (0.0, 0.0)

    def start(self, full_name: str, given: dict[str, str]) -> None:
        self.depth, self.seen = self.depth + 1, self.seen + 1
        if self.seen > MOST_ELEMENTS or self.depth > DEEPEST:
            raise Refused(_("The drawing has too many parts. Simplify it, and save it again."))
        if self.left_out_from:
            return
        space, _space, name = full_name.rpartition(" ")
        if self.depth == 1 and (space, name) != (_SVG, "svg"):
            raise Refused(_("This is no SVG."))
        if space != _SVG or name not in _ELEMENTS or (name == "svg" and self.depth > 1):
            self._leave_out(f"<{name}>" if space == _SVG else "")
            self.left_out_from = self.depth
            return
        element = _Element(name)
        kept = self._kept(element, given)
        if self.depth == 1:
            frame = self._frame(given)
            kept = {**frame, **kept, **frame}
        if self.open:
            self.open[-1].inside.append(element)
        self.open.append(element)
        self.all.append(element)
        self.out.append(f"<{name}{''.join(f' {key}="{escape(value)}"' for key, value in kept.items())}>")

    def end(self, full_name: str) -> None:
        self.depth -= 1
        if self.left_out_from:
            if self.depth < self.left_out_from:
                self.left_out_from = 0
            return
        self.out.append(f"</{self.open.pop().name}>")

    def words(self, said: str) -> None:
        if not self.left_out_from and self.open and self.open[-1].name in _WITH_WORDS:
            self.out.append(escape(said))

    def instruction(self, target: str, data: str) -> None:
        self._leave_out(f"<?{target}?>")

    def document_type(self, *about: Any) -> None:
        raise _typed()

    def clean(self) -> Clean:
        by_id: dict[str, _Element] = {}
        for element in self.all:
            by_id.setdefault(element.id, element)
        _steps(self.all[0], by_id, [])
        svg, (wide, high) = "".join(self.out), self.size
        if len(svg.encode()) > MOST_BYTES:
            raise Refused(_("The file is too large: a drawing has %d kB at most.") % (MOST_BYTES // 1000))
        return Clean(svg, WIDTH, max(1, round(WIDTH * high / wide)), tuple(self.removed))

    def _leave_out(self, what: str) -> None:
        # Elements and attributes of a drawing program's own have no name that says anything.
        self.removed[what[:40] or _("what the drawing program keeps for itself")] = None

    def _kept(self, element: _Element, given: dict[str, str]) -> dict[str, str]:
        kept, styles = {}, {}
        for full_name, value in given.items():
            space, _space, name = full_name.rpartition(" ")
            if not space and name == "style":
                styles = self._styles(element, value)
            elif (not space and _UNSEEN.fullmatch(name)) or (element.name == "svg" and name == "viewBox"):
                continue
            elif space in ("", _XLINK) and (safe := _safe(element, name, value, is_linked=bool(space))) is not None:
                kept[name] = safe
            else:
                self._leave_out(name if space in ("", _XLINK) else "")
        # A style is stronger than an attribute.
        kept |= styles
        element.id = kept.get("id", "")
        element.points_at = [found[2] for name in _POINTING if (found := _POINTER.fullmatch(kept.get(name, "")))]
        element.points_at += [kept["href"][1:]] if "href" in kept else []
        return kept

    def _styles(self, element: _Element, style: str) -> dict[str, str]:
        """The declarations of a style attribute, as attributes."""
        kept = {}
        for declaration in filter(str.strip, style.split(";")):
            name, _colon, value = declaration.partition(":")
            name, value = name.strip(), value.strip()
            if name in _STYLES and (safe := _safe(element, name, value)) is not None:
                kept[name] = safe
            else:
                self._leave_out(_("a style (%s)") % re.sub(r"[^a-z-]", "", name)[:30])
        return kept

    def _frame(self, given: dict[str, str]) -> dict[str, str]:
        """What the outermost element says of the drawing's size: a box that it is drawn in, whatever it said before."""
        box = re.split(r"[\s,]+", given.get("viewBox", "").strip())
        if len(box) != 4:
            box = ["0", "0", given.get("width", ""), given.get("height", "")]
        numbers = [float(found[1]) for each in box if (found := _NUMBER.fullmatch(each))]
        if len(numbers) != 4 or min(numbers[2:]) <= 0 or not 0.05 <= numbers[3] / numbers[2] <= 20:
            raise Refused(_("The drawing does not say how large it is: give its page a width and a height."))
        self.size = (numbers[2], numbers[3])
        return {
            "xmlns": _SVG,
            "viewBox": " ".join(f"{number:g}" for number in numbers),
            "width": str(WIDTH),
            "height": str(max(1, round(WIDTH * numbers[3] / numbers[2]))),
        }


def _safe(element: _Element, name: str, value: str, *, is_linked: bool = False) -> str | None:
    """The value of an attribute as it may be written, or None."""
    if name == "href":
        return value.strip() if element.name in _LEADS and re.fullmatch(rf"\s*#{_ID}\s*", value) else None
    if is_linked:
        return None
    if name == "id":
        return value if re.fullmatch(_ID, value) else None
    if name not in _ATTRIBUTES:
        return None
    if name in _POINTING and (found := _POINTER.fullmatch(value.strip())):
        return f"url(#{found[2]})"
    if name == "font-family":
        fonts = value.replace('"', "'")
        return fonts if _FONTS.fullmatch(fonts) else None
    called = {each.casefold() for each in re.findall(r"([-\w]*)\s*\(", value)}
    return value if _PLAIN.fullmatch(value) and called <= _FUNCTIONS else None


def _steps(element: _Element, by_id: dict[str, _Element], way: list[_Element]) -> int:
    """
    How many elements are drawn for this one, with what it holds and what it points at.

    Raises Refused where that is too many, or it points at itself.
    """
    if element in way or len(way) > 2 * DEEPEST:
        raise Refused(_("A part of the drawing uses itself, or too many others. Simplify it, and save it again."))
    if not element.steps:
        targets = [by_id[id] for id in element.points_at if id in by_id]
        here = [*way, element]
        element.steps = 1 + sum(_steps(each, by_id, here) for each in (*element.inside, *targets))
        if element.steps > MOST_DRAWN:
            raise Refused(_("The drawing has too many parts. Simplify it, and save it again."))
    return element.steps
