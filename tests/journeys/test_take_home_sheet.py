"""The sheet that patients print, on the two papers there are, in whatever letters their computers have."""

import os
import re

import pytest
from django.core.management import call_command

from tests import make

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
    used = fonts(page, ".sheet h3") | fonts(page, ".sheet dd")
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
def test_the_take_home_sheet_fits_on_two_pages_with_room_to_spare(browser, live_server, families):
    call_command("load_content", verbosity=0)
    # The site's own policy would refuse a style that is not the site's.
    page = browser.new_page(bypass_csp=True)
    page.goto(live_server.url + "/procedures/kyphoplasty/print/")
    page.emulate_media(media="print")
    set_in(page, families)

    for paper, (width, height) in PAPERS.items():
        sheet = page.pdf(width=f"{width}in", height=f"{height * (1 - FREE)}in")
        assert len(re.findall(rb"/Type\s*/Page[^s]", sheet)) == 2, paper
    page.close()


@pytest.mark.parametrize("path", ["", "print/"])
def test_on_paper_drawings_are_whole_and_nothing_lies_on_the_footer(browser, live_server, path):
    call_command("load_content", verbosity=0)
    make.clinic()
    page = browser.new_page(viewport={"width": 700, "height": 900})
    page.goto(f"{live_server.url}/procedures/kyphoplasty/{path}")
    page.emulate_media(media="print")

    drawings = page.locator(".drawing").all()
    assert len(drawings) == 4
    for drawing in drawings:
        frame, picture = drawing.bounding_box(), drawing.locator("svg").bounding_box()
        assert frame["y"] <= picture["y"]
        assert picture["y"] + picture["height"] <= frame["y"] + frame["height"]
        width, height = map(float, drawing.locator("svg").get_attribute("viewBox").split()[2:])
        assert abs(picture["height"] / picture["width"] - height / width) < 0.02
    if page.locator("body > footer").is_visible():
        main, last = page.locator("main").bounding_box(), page.locator("#contact .emergency").bounding_box()
        assert last["y"] + last["height"] <= main["y"] + main["height"]
    page.close()


@pytest.fixture
def paper(browser, live_server):
    """The sheet as it is printed, as wide as the text on Letter."""
    call_command("load_content", verbosity=0)
    page = browser.new_page(viewport={"width": 725, "height": 1000})
    page.goto(live_server.url + "/procedures/kyphoplasty/print/")
    page.emulate_media(media="print")
    yield page
    page.close()


MM = 96 / 25.4


def test_on_paper_there_is_no_navigation_and_room_to_write(paper):
    shown = paper.locator("body").inner_text()
    for said in ("/procedures/kyphoplasty/", "Like any surgery", "Questions to ask your doctor", "A break in which"):
        assert said in shown
    assert not paper.locator("nav").first.is_visible()
    assert paper.locator("form").count() == 0

    lines = paper.locator(".ask li").evaluate_all(
        "all => all.map(li => { const two = getComputedStyle(li, '::after');"
        " return [two.borderBlockStartStyle, two.borderBlockEndStyle, Math.round(parseFloat(two.height))] })"
    )
    assert lines == [["solid", "solid", round(9 * MM)]] * 7


def test_it_is_set_in_14_points_and_says_what_it_is(paper):
    assert paper.locator("h1").inner_text() == "Kyphoplasty: your sheet to take home"
    sizes = paper.locator(".sheet > section :is(p, li, dd)").evaluate_all(
        "all => all.filter(at => !at.closest('.words')).map(at => getComputedStyle(at).fontSize)"
    )
    assert {round(float(size[:-2]) * 0.75, 1) for size in sizes} == {14}


def test_the_four_frames_stand_in_one_row_as_wide_as_each_other(paper):
    frames = [each.bounding_box() for each in paper.locator(".drawing").all()]

    assert len(frames) == 4
    assert len({round(frame["y"]) for frame in frames}) == 1
    assert {round(frame["width"] / MM) for frame in frames} == {35}


def test_the_foot_of_both_pages_says_whom_to_call_and_whose_words_these_are(paper):
    feet = paper.locator(".sheet-foot").all_inner_texts()

    assert len(feet) == 2
    for foot in feet:
        assert "Emergency: call 911." in foot
        assert "Example Spine Clinic: (212) 555-0100. When we are closed: (212) 555-0199." in foot
        assert "/procedures/kyphoplasty/ · Printed on" in foot
        assert "A clinician has not signed this page yet." in foot


@pytest.mark.parametrize("mails", [True, False])
def test_whoever_has_no_printer_is_told_only_what_the_clinic_does(client, mails):
    call_command("load_content", verbosity=0)
    make.clinic(mails_sheets=mails)

    said = client.get("/procedures/kyphoplasty/print/").content.decode()

    assert ("No printer? Ask us for a copy at your visit, or we will mail you one." in said) is mails
