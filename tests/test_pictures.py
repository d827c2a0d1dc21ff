"""The pictures in static/img/ show what they were drawn from, as it is now."""

import base64

import pytest

from tests import pictures

# How far two pictures are apart on average, of 255: another version of the browser smooths edges in another way.
APART = """
    async ([one, other, width]) => {
        const [a, b] = await Promise.all([one, other].map(async each => {
            const image = new Image();
            image.src = "data:image/png;base64," + each;
            await image.decode();
            const canvas = new OffscreenCanvas(width, image.height).getContext("2d");
            canvas.drawImage(image, 0, 0);
            return canvas.getImageData(0, 0, width, image.height).data;
        }));
        return a.reduce((sum, value, n) => sum + Math.abs(value - b[n]), 0) / a.length;
    }
"""


def apart(browser, one: bytes, other: bytes, width: int) -> float:
    page = browser.new_page()
    pair = [base64.b64encode(each).decode() for each in (one, other)]
    found = page.evaluate(APART, [*pair, width])
    page.close()
    return found


# Of the shared picture the left half: in the right one stand words, in letters of the machine that drew it.
@pytest.mark.parametrize(("name", "width"), [("touch", 180), ("share", 620)])
def test_a_picture_shows_what_it_was_drawn_from(browser, name, width):
    kept = (pictures.IMAGES / f"{name}.png").read_bytes()

    assert apart(browser, kept, getattr(pictures, name)(browser), width) < 1
    assert len(kept) < 100_000


def test_another_picture_is_told_apart(browser):
    assert apart(browser, pictures.touch(browser), pictures.share(browser), 180) > 20
