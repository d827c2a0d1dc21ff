"""The stylesheet's colors, recomputed with the WCAG formula."""

import re

import pytest
from django.conf import settings

TEXT, CONTROL = 4.5, 3.0
PAIRS = [
    *[(ink, ground, TEXT) for ink in ("ink", "ink-2", "link", "visited") for ground in ("page", "surface", "sunken")],
    *[(ink, "brand-tint", TEXT) for ink in ("ink", "ink-2", "link")],
    ("on-brand", "brand", TEXT),
    ("on-deep", "brand-deep", TEXT),
    *[(state, ground, TEXT) for state in ("error", "warn", "ok") for ground in ("page", "surface", f"{state}-tint")],
    *[("ink", f"{state}-tint", TEXT) for state in ("error", "warn", "ok")],
    ("error", "sunken", TEXT),
    *[("control", ground, CONTROL) for ground in ("page", "surface", "sunken")],
    *[("accent", ground, CONTROL) for ground in ("page", "surface")],
    *[("brand", ground, CONTROL) for ground in ("page", "surface", "sunken", "brand-tint")],
]


def luminance(color: str) -> float:
    """Relative luminance of #rrggbb, 0 to 1. Source: WCAG 2.2, "relative luminance"."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def themes() -> dict[str, dict[str, str]]:
    css = (settings.BASE_DIR / "static/css/site.css").read_text()
    layer = css[css.index("@layer tokens {") : css.index("@layer base {")]
    light, dark, _ = re.split(r"@media", layer, maxsplit=2)
    tokens = [dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", part)) for part in (light, dark)]
    return {"light": tokens[0], "dark": tokens[0] | tokens[1]}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "at_least"), PAIRS)
def test_colors_can_be_told_apart(theme, ink, ground, at_least):
    tokens = themes()[theme]

    assert ratio(tokens[ink], tokens[ground]) >= at_least, f"{ink} on {ground}"


def test_the_focus_ring_shows_on_every_ground():
    for tokens in themes().values():
        for ground in ("page", "surface", "sunken", "brand-tint", "brand-deep"):
            assert max(ratio(tokens["focus"], tokens[ground]), ratio(tokens["focus-ink"], tokens[ground])) >= CONTROL
