"""
Somebody calls and says who they are: from any page to their desk, with the keyboard alone, and what that costs.

Given a front desk on its first page, when a patient says the last digits of their phone, then their desk is open
without a click, within seven keys and two loads of a page.
"""

import pytest
from playwright.sync_api import Page, expect

from tests import make
from tests.journeys.hands import Hands
from tests.journeys.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(browser, live_server, settings) -> Page:
    settings.SITE_URL = live_server.url
    make.clinic()
    make.front_desk(username="ann")
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page, "ann")
    page.goto("/admin/")
    page.wait_for_load_state()  # The script that hears the key is there.
    yield page
    context.close()


def test_four_digits_open_the_desk_of_who_calls(page):
    agnes = make.inquiry(name="Agnes Moreau", phone="212 555 0199")
    make.inquiry(name="Sam Okoro", phone="212 555 0177")
    hands = Hands(page)

    hands.press("/")
    expect(page.get_by_label("Find a patient")).to_be_focused()
    hands.type("0199")
    hands.press("Enter")

    expect(page.locator("h1", has_text="Agnes Moreau")).to_be_visible()
    print(f"find a caller: {hands.clicks} clicks, {hands.keys} keys, {hands.loads} loads")
    assert (hands.clicks, hands.keys <= 7, hands.loads <= 2) == (0, True, True)
    assert page.url.endswith(f"/{agnes.pk}/change/")


def test_of_several_the_first_has_the_focus_and_back_and_reload_show_the_list_again(page):
    for name in ("Rosa Lind", "Otis Lind"):
        make.inquiry(name=name)
    page.keyboard.press("/")
    page.keyboard.type("lind")
    page.keyboard.press("Enter")
    expect(page.locator(".found th a").first).to_be_focused()
    assert "lind" not in page.url
    page.reload()
    expect(page.locator(".found th a")).to_have_count(2)

    page.locator(".found th a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1", has_text="Otis Lind")).to_be_visible()
    page.go_back()

    expect(page.locator(".found th a")).to_have_count(2)
    expect(page.get_by_label("Find a patient")).to_have_value("lind")


def test_a_slash_in_a_note_is_a_slash_and_looking_for_somebody_does_not_forget_the_note(page):
    rosa = make.inquiry(name="Rosa Lind")
    page.goto(f"/admin/appointments/inquiry/{rosa.pk}/change/")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_label("Note for colleagues").press_sequentially("and/or")
    expect(page.get_by_label("Note for colleagues")).to_have_value("and/or")

    page.get_by_label("Find a patient").press_sequentially("lind")
    page.keyboard.press("Enter")

    page.wait_for_function("document.activeElement !== null")
    expect(page.get_by_label("Note for colleagues")).to_have_value("and/or")
    assert asked == ["beforeunload"]


def test_the_head_of_the_page_is_not_cut_and_takes_one_line_of_a_wide_screen(page):
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})

        assert page.evaluate("document.documentElement.scrollWidth") == width
        button = page.get_by_role("search").get_by_role("button").bounding_box()
        assert button["height"] >= 44
    assert page.locator("#header").bounding_box()["height"] < 80
