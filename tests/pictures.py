"""The pictures in static/img/ that no program reads as SVG, drawn from icon.svg and from a drawing: make pictures."""

from playwright.sync_api import Browser, sync_playwright

from clinic.local import localdb
from procedures import figures
from tests import chromium

STATIC = localdb.ROOT / "static"
IMAGES = STATIC / "img"
SHARED = """
    <style>%(css)s</style>
    <style>
      body { display: grid; grid-template-columns: 560px 1fr; gap: 60px; align-items: center; block-size: 630px;
             padding: 0 60px; background: var(--brand-deep); color: var(--on-deep); font-size: 32px; }
      .drawing { max-inline-size: none; }
      h1 { font-size: 60px; margin-block: 28px 20px; }
      .sign { inline-size: 84px; block-size: 72px; fill: none; stroke: currentColor; stroke-width: 2; }
    </style>
    <div class="drawing">%(drawing)s</div>
    <div><svg class="sign" viewBox="0 0 28 24"><path d="%(mark)s"/></svg>
    <h1>Care for your spine</h1><p>Procedures explained in plain words</p></div>
"""


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        (IMAGES / "touch.png").write_bytes(touch(browser))
        (IMAGES / "share.png").write_bytes(share(browser))
        browser.close()


def touch(browser: Browser) -> bytes:
    """The sign on a phone's home screen: icon.svg, its ground up to the corners, which phones cut off themselves."""
    icon = (IMAGES / "icon.svg").read_text()
    ground = icon.split('fill="')[1].partition('"')[0]
    style = f"body {{ margin: 12px; background: {ground} }} svg {{ display: block }}"
    return _picture(browser, f"<style>{style}</style>{icon}", 180, 180)


def share(browser: Browser) -> bytes:
    """What chats and networks show beside a link: the spine, the mark, and what the site is for."""
    css = (STATIC / "css" / "site.css").read_text()
    mark = (IMAGES / "icon.svg").read_text().split(' d="')[1].partition('"')[0]
    page = SHARED % {"css": css, "drawing": figures.alone("kyphoplasty-1"), "mark": mark}
    return _picture(browser, page, 1200, 630)


def _picture(browser: Browser, html: str, width: int, height: int) -> bytes:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
    page.set_content(html)
    picture = page.screenshot()
    page.close()
    return picture


if __name__ == "__main__":
    main()
