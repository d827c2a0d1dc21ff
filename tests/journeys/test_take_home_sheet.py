"""The sheet that patients print, on the two papers there are, in whatever letters their computers have."""

import os
import re

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db(transaction=True)

PAPERS = {"Letter": (8.5, 11), "A4": (8.27, 11.69)}  # inches
# So much of each page stays free: browsers differ, and the clinic may write a line more.
FREE = 1 / 12
# Families with wide and with narrow letters, each as wide as the one after it: Debian's, and those of other systems.
# tests/chromium.py installs Debian's.
FAMILIES = {"wide": ["DejaVu Sans", "Verdana"], "narrow": ["Liberation Serif", "Times New Roman"]}


def set_in(page, families: list[str]) -> None:
    """Set all of the sheet in the first of the families that is there, and make sure that it is the only one."""
    names = ", ".join(f'"{family}"' for family in families)
    page.add_style_tag(content=f".sheet, .sheet * {{ font-family: {names} !important }}")
    used = fonts(page, ".sheet h2") | fonts(page, ".sheet p")
    if len(used) == 1 and used < set(families):
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"None of {names} is installed ({used} are), and with CI=true the sheet must be set in it.")
    pytest.skip(f"None of {names} is installed")


def fonts(page, selector: str) -> set[str]:
    """The families in which the browser really draws the text of an element."""
    tools = page.context.new_cdp_session(page)
    tools.send("DOM.enable")
    tools.send("CSS.enable")
    root = tools.send("DOM.getDocument")["root"]["nodeId"]
    node = tools.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    return {font["familyName"] for font in tools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]}


@pytest.mark.parametrize("families", FAMILIES.values(), ids=FAMILIES)
@pytest.mark.parametrize("paper", PAPERS)
def test_the_take_home_sheet_fits_on_two_pages_with_room_to_spare(browser, live_server, paper, families):
    call_command("load_content", verbosity=0)
    # The site's own policy would refuse a style that is not the site's.
    page = browser.new_page(bypass_csp=True)
    page.goto(live_server.url + "/procedures/kyphoplasty/print/")
    page.emulate_media(media="print")
    set_in(page, families)

    width, height = PAPERS[paper]
    sheet = page.pdf(width=f"{width}in", height=f"{height * (1 - FREE)}in")
    page.close()

    assert len(re.findall(rb"/Type\s*/Page[^s]", sheet)) == 2


def test_on_paper_there_is_no_navigation_and_room_to_write(browser, live_server):
    call_command("load_content", verbosity=0)
    page = browser.new_page()
    page.goto(live_server.url + "/procedures/kyphoplasty/print/")
    page.emulate_media(media="print")

    shown = page.locator("body").inner_text()
    for said in ("(212) 555-0100", "/procedures/kyphoplasty/", "Like any surgery", "Questions to ask your doctor"):
        assert said in shown
    assert not page.locator("nav").first.is_visible()
    assert page.locator("form").count() == 0
    rule = page.locator(".ask li").first.evaluate("li => getComputedStyle(li).borderBlockEndStyle")
    page.close()
    assert rule == "solid"
