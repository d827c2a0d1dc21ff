"""
Somebody calls: from the first screen to their time with the keyboard alone, and what that costs.

Given a front desk on its first page, when a new patient calls, then their time is given within 35 keys and two loads
of a page; an overbooked one within 4 clicks, 20 keys beside the answers' own words, and two loads.
"""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from appointments.models import Appointment, Inquiry
from tests import make
from tests.journeys.hands import Hands
from tests.journeys.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(browser, live_server, settings) -> Page:
    settings.SITE_URL = live_server.url
    make.clinic()
    make.front_desk(username="ann")
    make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    sign_in(page, "ann")
    page.goto("/admin/")
    yield page
    context.close()


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def test_a_new_caller_gets_the_next_time_by_the_keyboard_alone(page):
    hands = Hands(page)

    hands.access_key("n")
    expect(page.get_by_label("Caller’s name")).to_be_focused()
    hands.type("Agnes Moreau")
    hands.press("Tab")
    hands.type("2125550199")
    hands.press("Enter")
    expect(page.get_by_role("group", name="Free").get_by_role("radio").first).to_be_focused()
    hands.press("Enter")

    expect(page.locator(".messagelist")).to_contain_text("Agnes Moreau, ")
    expect(page.locator(".messagelist")).to_contain_text("with Jane Doe, MD: given. They know.")
    print(f"new caller: {hands.clicks} clicks, {hands.keys} keys, {hands.loads} loads")
    assert (hands.clicks, hands.keys <= 35, hands.loads) == (0, True, 2)
    assert Inquiry.objects.get().appointments.count() == 1
    assert page.url.endswith("/admin/")


def test_somebody_who_has_a_time_already_is_seen_before_another_one_is_given(page):
    sender = make.inquiry(name="Agnes Moreau", phone="212 555 0199")
    make.appointment(sender, (timezone.now() + timedelta(days=9)).isoformat())
    page.get_by_label("Caller’s name").fill("Agnes Moreau")
    page.get_by_label("Phone").fill("212 555 0199")
    page.keyboard.press("Enter")

    expect(page.get_by_role("group", name="Like this")).to_contain_text("⚠ has ")
    expect(page.get_by_role("radio", name="Agnes Moreau")).to_be_focused()
    expect(page.get_by_role("radio", name="Agnes Moreau")).to_be_checked()
    button = page.get_by_role("button", name="Give this time").last
    assert button.bounding_box()["y"] + button.bounding_box()["height"] <= 900


def test_a_time_that_is_not_free_is_overbooked_by_the_desk(page):
    at = timezone.localtime(timezone.now() + timedelta(days=2))
    hands = Hands(page)
    hands.click(page.get_by_label("Caller’s name"))
    page.keyboard.type("Agnes Moreau")  # The answers' own words are not counted.
    hands.press("Tab")
    page.keyboard.type("2125550199")
    hands.press("Enter")
    hands.click(page.get_by_label("Day", exact=True))
    hands.type(f"{at:%m%d%Y}")
    hands.press("Tab", "Tab")
    hands.type("0500A")
    hands.click(page.get_by_label("Why it is overbooked"))
    page.keyboard.type("In great pain")
    hands.press("Enter")

    expect(page.locator(".messagelist")).to_contain_text("given. They know.")
    print(f"overbooked: {hands.clicks} clicks, {hands.keys} keys, {hands.loads} loads")
    assert (hands.clicks <= 4, hands.keys <= 20, hands.loads) == (True, True, 2)
    assert Appointment.objects.get().overbook_reason == "In great pain"


def test_nothing_is_cut_at_the_side_and_every_button_is_large_enough_to_touch(page):
    make.inquiry(name="Agnes Moreau", phone="212 555 0199", reach_note="Please leave no voicemail, let it ring long")
    widths = (1280, 360)
    for address in ("/admin/", "/admin/appointments/inquiry/", "/admin/appointments/inquiry/new/"):
        page.goto(address)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") == width, address
    page.get_by_label("Name", exact=True).fill("Agnes")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Like this")).to_be_visible()

    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        buttons = [each.bounding_box() for each in page.locator(".caller-buttons button").all()]
        assert min(box["height"] for box in buttons) >= 44
