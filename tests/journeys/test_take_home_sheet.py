"""The sheet that patients print, on the two papers there are."""

import re

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("paper", ["Letter", "A4"])
def test_the_take_home_sheet_fits_on_two_pages(browser, live_server, paper):
    call_command("load_content", verbosity=0)
    page = browser.new_page()
    page.goto(live_server.url + "/procedures/kyphoplasty/print/")

    margins = {"top": "12mm", "bottom": "12mm", "left": "15mm", "right": "15mm"}
    sheet = page.pdf(format=paper, margin=margins)
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
