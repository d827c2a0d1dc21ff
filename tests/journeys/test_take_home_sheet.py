"""The sheet that patients print, on the two papers there are, in whatever letters their computers have."""

import re

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db(transaction=True)

PAPERS = {"Letter": (8.5, 11), "A4": (8.27, 11.69)}  # inches
# So much of each page stays free: browsers differ, and the clinic may write a line more.
FREE = 1 / 12
# What a letter takes of a line, by the size of the type: as in Verdana and DejaVu Sans, and as in Times and Calibri.
LETTERS = {"wide": 0.5, "narrow": 0.4}


def space_letters(page, width: float) -> None:
    """Set the sheet as if its letters were so wide: no other fonts have to be installed here."""
    page.locator(".sheet").evaluate(
        """(sheet, width) => {
          const line = document.createElement("span");
          line.style.position = "absolute";
          line.style.whiteSpace = "nowrap";
          line.textContent = [...sheet.querySelectorAll("p, li")].map(each => each.textContent).join(" ");
          sheet.append(line);
          const letter = line.getBoundingClientRect().width / line.textContent.length;
          const size = parseFloat(getComputedStyle(line).fontSize);
          line.remove();
          sheet.style.letterSpacing = `${width - letter / size}em`;
        }""",
        width,
    )


@pytest.mark.parametrize("letters", LETTERS)
@pytest.mark.parametrize("paper", PAPERS)
def test_the_take_home_sheet_fits_on_two_pages_with_room_to_spare(browser, live_server, paper, letters):
    call_command("load_content", verbosity=0)
    page = browser.new_page()
    page.goto(live_server.url + "/procedures/kyphoplasty/print/")
    page.emulate_media(media="print")
    space_letters(page, LETTERS[letters])

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
