"""How large letters are is their reader's to say: the style sheet asks for it, and forbids nothing."""

import re

from django.conf import settings

CSS = (settings.BASE_DIR / "static/css/site.css").read_text()


def test_the_size_that_somebody_chose_for_an_iphones_text_is_asked_for_last():
    """Only Safari on iOS knows this property; a later size of the root element would win over that of the reader."""
    asked = re.search(r"@supports \(-webkit-touch-callout: none\) { html { font: -apple-system-body; (.*?) } }", CSS)

    assert asked is not None
    assert asked[1] == "line-height: 1.55;"
    assert re.findall(r"\bhtml { [^}]*font", CSS[asked.end() : CSS.index("@media print")]) == []


def test_no_size_is_fixed():
    viewport = (settings.BASE_DIR / "templates/base.html").read_text()

    # It keeps phones from making letters larger, as some of their owners have asked them to.
    assert "text-size-adjust" not in CSS
    assert re.findall(r"font(?:-size)?: [^;]*?\dpx", CSS) == []
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in viewport
