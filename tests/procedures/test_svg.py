"""An uploaded SVG is written anew: what could run, ask for something, or never end is not in it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures import figures, svg

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 40 20">'
SPACES = 'xmlns="http://www.w3.org/2000/svg"'


def inside(words: str) -> str:
    """What is left of these words in the middle of a drawing."""
    clean = svg.clean(f"{OPEN}{words}</svg>".encode()).svg
    return re.fullmatch(r"<svg [^>]*>(.*)</svg>", clean, re.DOTALL)[1]


def removed(words: str) -> tuple[str, ...]:
    return svg.clean(f"{OPEN}{words}</svg>".encode()).removed


def test_a_plain_drawing_is_kept_as_it_is_seen():
    drawn = (
        "<title>A spine</title><defs>"
        '<linearGradient id="a"><stop offset="10%" stop-color="#fff"></stop></linearGradient>'
        '<clipPath id="c"><rect x="1" y="1" width="3" height="4"></rect></clipPath></defs>'
        '<g transform="translate(1 2) rotate(45)" fill="url(#a)" clip-path="url(#c)">'
        '<path id="p.1" d="M0 0 C1,2 3-4 5e-3.5z" stroke="rgb(10, 20, 30)" stroke-width=".5"></path></g>'
        '<use href="#p.1" x="3"></use><text x="1" y="2" font-family="Arial, sans-serif">Back &amp; front</text>'
    )

    clean = svg.clean(f"{OPEN}{drawn}</svg>".encode())

    assert clean == svg.Clean(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="600" height="300">{drawn}</svg>',
        600,
        300,
        (),
    )


@pytest.mark.parametrize("words", [
    "<script>alert(1)</script>",
    "<script href='x.js'/>",
    "<SCRIPT>alert(1)</SCRIPT>",
    "<g><script>alert(1)</script></g>",
    "<s:script xmlns:s='http://www.w3.org/2000/svg'>alert(1)</s:script>",
    "<h:script xmlns:h='http://www.w3.org/1999/xhtml'>alert(1)</h:script>",
    "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml' onload='alert(1)'/></foreignObject>",
    "<foreignobject><iframe xmlns='http://www.w3.org/1999/xhtml' src='//evil.example'/></foreignobject>",
    "<image href='https://evil.example/x.png'/>",
    "<image xlink:href='data:image/svg+xml,&lt;svg/>'/>",
    "<feImage href='https://evil.example/x.png'/>",
    "<a href='javascript:alert(1)'><text>x</text></a>",
    "<animate attributeName='href' values='javascript:alert(1)'/>",
    "<set attributeName='onmouseover' to='alert(1)'/>",
    "<animateTransform attributeName='transform'/>",
    "<animateMotion><mpath href='//evil.example'/></animateMotion>",
    "<handler type='text/javascript'>alert(1)</handler>",
    "<style>@import url(//evil.example/x.css);</style>",
    "<style>path { fill: \\75 rl(//evil.example) }</style>",
    "<iframe xmlns='http://www.w3.org/1999/xhtml' src='//evil.example'/>",
    "<metadata><x/></metadata>",
    "<svg><script>alert(1)</script></svg>",
    "<switch><g/></switch>",
    "<pattern id='p'/>", "<mask id='m'/>", "<filter id='f'/>", "<marker id='k'/>", "<symbol id='s'/>", "<view id='v'/>",
    "<?xml-stylesheet href='//evil.example/x.css'?>",
    "<!-- <script>alert(1)</script> -->",
    "alert(1)",
    "<![CDATA[<script>alert(1)</script>]]>",
])  # fmt: skip
def test_nothing_is_left_of_what_is_not_on_the_list(words):
    assert inside(words).replace("<g></g>", "") == ""


@pytest.mark.parametrize("attribute", [
    "onclick='alert(1)'", "ONLOAD='alert(1)'", "onbegin='alert(1)'",
    "href='#a'", "xlink:href='#a'",  # Of a path, it leads nowhere.
    "xml:base='https://evil.example/'",
    "fill='url(https://evil.example/#a)'", "fill='url(//evil.example/x.svg#a)'", "fill='URL(#a)'",
    "fill='url(&quot;data:image/svg+xml,x&quot;)'", "fill='url(#a) url(//evil.example)'",
    "fill='\\75 rl(//evil.example)'", "fill='u\\rl(x)'", "fill='url/**/(x)'",
    "stroke='image-set(&quot;x.png&quot; 1x)'", "fill='var(--x)'", "fill='env(x)'", "fill='attr(href)'",
    "fill='expression(alert(1))'", "fill='src(#a)'", "fill='element(#a)'",
    "clip-path='url(x.svg#a)'", "clip-path='path(M0 0)'",
    "d='M0 0 url(x)'", "transform='url(#a)'", "opacity='url(#a)'",
    "style='fill: url(//evil.example)'", "style='@import url(x)'", "style='behavior: url(x.htc)'",
    "style='fill: u\\72l(//evil.example)'", "style='fill:/**/url(x)'", "style='background: url(x)'",
    "style='-moz-binding: url(x)'", "style='fill: red !important'",
    "id='a b'", "id='1'", "id='&quot;&gt;&lt;script&gt;'",
    "filter='url(#a)'", "mask='url(#a)'", "cursor='url(x)'", "marker-end='url(#a)'", "begin='0s'", "target='_top'",
    "font-family='x;}&lt;'",
])  # fmt: skip
def test_an_attribute_that_is_not_on_the_list_or_points_outside_is_left_out(attribute):
    assert inside(f"<path {attribute}/>") == "<path></path>"
    assert removed(f"<path {attribute}/>") != ()


@pytest.mark.parametrize("href", [
    "https://evil.example/x.svg#a", "//evil.example/x.svg#a", "x.svg#a", "data:image/svg+xml,x#a",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "&#106;avascript:alert(1)", "&#9;x#a", "#",
    "", "#a b", "#xpointer(id('a'))", "file:///etc/passwd",
])  # fmt: skip
@pytest.mark.parametrize("name", ["href", "xlink:href"])
def test_a_use_leads_to_a_part_of_the_same_drawing_alone(href, name):
    assert inside(f'<use {name}="{href}"/>') == "<use></use>"
    assert inside(f'<use {name}="#a"/>') == '<use href="#a"></use>'


@pytest.mark.parametrize("document", [
    '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>',
    '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg/>',
    '<!doctype svg><svg/>', '<! DOCTYPE svg><svg/>', '<!ENTITY a "b"><svg/>',
    '<?xml version="1.0"?>\n<!DOCTYPE svg [<!ENTITY % p SYSTEM "//evil.example/x.dtd"> %p;]><svg/>',
])  # fmt: skip
def test_a_document_type_is_never_read(document):
    with pytest.raises(svg.Refused, match="DOCTYPE"):
        svg.clean(document.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-7"])
def test_a_document_type_in_other_letters_is_not_read_either(encoding):
    document = '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'

    with pytest.raises(svg.Refused):
        svg.clean(document.encode(encoding))


def test_the_letters_that_a_file_claims_are_not_believed():
    claims = '<?xml version="1.0" encoding="utf-7"?>' + OPEN + "<text>+ADw-script+AD4-</text></svg>"

    assert "<text>+ADw-script+AD4-</text>" in svg.clean(claims.encode()).svg


@pytest.mark.parametrize(("document", "sentence"), [
    (b"", "line 1 is broken"),
    (b"\x89PNG\r\n", "no SVG in UTF-8"),
    (b"\xff\xfe<\0s\0", "no SVG in UTF-8"),
    (b"<html/>", "This is no SVG"),
    (b"<svg/>", "This is no SVG"),
    (b'<svg xmlns="http://example.com/"/>', "This is no SVG"),
    (f"{OPEN}<g></svg>".encode(), "line 1 is broken"),
    (f"{OPEN}&unknown;</svg>".encode(), "line 1 is broken"),
    (f"{OPEN}\0</svg>".encode(), "line 1 is broken"),
    (f"<svg {SPACES}/>".encode(), "how large it is"),
    (f'<svg {SPACES} viewBox="0 0 nan 3"/>'.encode(), "how large it is"),
    (f'<svg {SPACES} viewBox="0 0 0 3"/>'.encode(), "how large it is"),
    (f'<svg {SPACES} viewBox="0 0 1 99999"/>'.encode(), "how large it is"),
    (f'<svg {SPACES} width="100%" height="100%"/>'.encode(), "how large it is"),
    (f"{OPEN}{' ' * svg.MOST_BYTES}</svg>".encode(), "too large"),
    (f"{OPEN}<text>{'&amp;' * 15_000}{chr(39) * 20_000}</text></svg>".encode(), "too large"),
    (f"{OPEN}{'<g/>' * 3_000}</svg>".encode(), "too many parts"),
    (f"{OPEN}{'<g>' * 60}{'</g>' * 60}</svg>".encode(), "too many parts"),
    (f"{OPEN}{'<x>' * 60}{'</x>' * 60}</svg>".encode(), "too many parts"),
])  # fmt: skip
def test_what_is_no_drawing_is_refused_with_a_sentence(document, sentence):
    with pytest.raises(svg.Refused, match=sentence):
        svg.clean(document)


def doubled(times: int, one: str) -> str:
    return (
        "".join(f'<g id="a{n}">{one.format(n + 1)}{one.format(n + 1)}</g>' for n in range(times))
        + f'<path id="a{times}"/>'
    )


@pytest.mark.parametrize("words", [
    '<use id="a" href="#a"/>',
    '<g id="a"><use href="#a"/></g>',
    '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
    '<clipPath id="a"><path clip-path="url(#a)"/></clipPath>',
    doubled(20, '<use href="#a{}"/>'),
    doubled(20, '<path clip-path="url(#a{})"/>'),
    doubled(20, '<path fill="url(#a{})"/>'),
    doubled(20, '<path style="fill: url(#a{})"/>'),
    "".join(f'<linearGradient id="a{n}" href="#a{n + 1}"/>' for n in range(1_000)),
    '<g id="a">' + "<path/>" * 1_000 + "</g>" + '<use href="#a"/>' * 100,
])  # fmt: skip
def test_a_part_that_uses_itself_or_grows_without_end_is_refused(words):
    with pytest.raises(svg.Refused, match=r"itself|too many"):
        inside(words)


def test_some_parts_used_often_are_no_harm():
    assert inside('<path id="a"/>' + '<use href="#a"/>' * 500).count("<use") == 500


def test_a_style_becomes_attributes_and_is_stronger_than_these():
    assert inside('<path fill="red" style="fill:#abc; stroke : none;-inkscape-x:1"/>') == (
        '<path fill="#abc" stroke="none"></path>'
    )


def test_words_are_escaped_and_stand_only_where_words_may():
    assert inside("<text>&lt;script&gt;&amp;<![CDATA[</text><script>]]></text>") == (
        "<text>&lt;script&gt;&amp;&lt;/text&gt;&lt;script&gt;</text>"
    )
    assert inside("<g>words</g>") == "<g></g>"


def test_what_was_left_out_is_named_once():
    words = "<script/><script/><path onclick='a'/><i:x xmlns:i='http://inkscape.example' />"

    assert removed(words) == ("<script>", "onclick", "what the drawing program keeps for itself")


@pytest.mark.parametrize("name", ["kyphoplasty-1", "mark-bed"])
def test_our_own_drawings_pass(name):
    document = figures.svg(name).replace("<svg ", f"<svg {SPACES} ", 1)

    assert len(svg.clean(document.encode()).svg) > 200


@given(st.text() | st.binary() | st.from_regex(r"<[a-z]+( [a-z:]+=\"[^\"<&]*\")*/?>", fullmatch=True))
def test_any_file_is_cleaned_or_refused(part):
    data = part if isinstance(part, bytes) else f"{OPEN}{part}</svg>".encode(errors="replace")
    try:
        clean = svg.clean(data).svg
    except svg.Refused:
        return
    assert set(re.findall(r"<([^ />!?]+)", clean)) <= svg._ELEMENTS
    assert svg.clean(clean.encode()).svg == clean
