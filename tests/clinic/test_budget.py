"""What a page weighs, compressed, and how often a browser has to ask: sizes, never seconds."""

import gzip
import re

import brotli
import pytest
from django.conf import settings
from django.core.management import call_command

from clinic.collected_files import bare
from procedures.figures import DRAWINGS

KB = 1024


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/procedures/kyphoplasty/", "/procedures/kyphoplasty/benefits/", "/appointments/", "/"]
)
def test_words_and_style_fit_into_the_first_tcp_window(client, path):
    call_command("load_content", verbosity=0)

    page = client.get(path, headers={"accept-encoding": "gzip"}).content
    style = brotli.compress(bare((settings.BASE_DIR / "static/css/site.css").read_bytes()))

    assert gzip.decompress(page).startswith(b"<!DOCTYPE html>")
    assert len(page) + len(style) <= 14 * KB
    icon = (settings.BASE_DIR / "static/img/icon.svg").read_bytes()
    assert len(page) + len(style) + len(icon) <= 40 * KB


def test_a_drawing_is_small_and_takes_its_colors_from_the_page():
    for drawing in [*DRAWINGS.glob("*.svg"), *DRAWINGS.glob("doors/*.svg")]:
        assert drawing.stat().st_size <= 6 * KB
        assert re.findall("#[0-9a-f]{3,6}\\b", drawing.read_text().replace("#body", "")) == []
        assert 'aria-hidden="true"' in drawing.read_text()
