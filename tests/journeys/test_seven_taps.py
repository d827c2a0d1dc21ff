"""
How far it is to an appointment on a phone: seven taps, and what is tapped first stands on the first screen.

Given a practitioner whose times are online, when somebody with a phone picks one of the next free times and fills in
the short form, then the appointment is theirs.
"""

import re

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel("2026-11-23T17:00:00Z"):
        yield


@pytest.fixture
def phone(browser, live_server):
    make.clinic(name="Linden Hill Spine Clinic")
    make.practitioner("Tomás Rivera, MD", visit=make.visit_type("First visit", lead_hours=30))
    with browser.new_context(
        base_url=live_server.url, viewport={"width": 360, "height": 780}, has_touch=True, java_script_enabled=False
    ) as context:
        yield context.new_page()


class Taps:
    """Counts them."""

    def __init__(self, page: Page):
        self.page, self.count = page, 0

    def on(self, place: Locator) -> None:
        self.count += 1
        place.tap()

    def and_type(self, place: Locator, words: str) -> None:
        self.on(place)
        self.page.keyboard.type(words)


def top_of(place: Locator) -> float:
    """How far below the page's top something begins, in px."""
    place.page.wait_for_load_state()  # With its style sheet.
    box = place.bounding_box()
    assert box
    return box["y"]


def test_from_the_home_page_to_an_appointment(phone):
    taps = Taps(phone)
    phone.goto("/")
    taps.on(phone.get_by_role("link", name="See free times"))
    expect(phone.locator("h1")).to_have_text("Choose a time")
    first = phone.locator(".next-times button").first
    assert top_of(first) < 480
    taps.on(first)
    expect(phone.locator("h1")).to_have_text("Book this time")

    assert top_of(phone.locator("#id_name")) < 380
    taps.and_type(phone.get_by_label("Your full name"), "Rosa Lind")
    taps.and_type(phone.get_by_label("Phone number", exact=True), "(212) 555-0123")
    taps.on(phone.get_by_label("I understand this form is not for emergencies"))
    first, second = re.findall(r"\d+", phone.locator("label[for=id_sum]").inner_text())
    taps.and_type(phone.locator("#id_sum"), str(int(first) + int(second)))
    taps.on(phone.get_by_role("button", name="Book this time"))

    expect(phone.locator("h1")).to_have_text("Your appointment is booked")
    assert taps.count == 7
