"""Somebody of the front desk types for longer than their session lasts, in a real browser."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from appointments.models import Note
from clinic.models import StaffSession
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(browser, live_server, settings) -> Page:
    settings.SITE_URL = live_server.url
    make.clinic()
    context = browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def sign_in(page: Page) -> None:
    page.get_by_label("Username").fill("ann")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()


def test_a_note_comes_back_after_signing_in_and_is_written_by_one_press(page):
    make.front_desk(username="ann")
    inquiry = make.inquiry()
    page.goto(reverse("admin:appointments_inquiry_change", args=[inquiry.pk]))
    sign_in(page)
    page.get_by_label("Note for colleagues").fill("Two lines\nof a note")
    StaffSession.objects.end(timezone.now())

    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("status")).to_contain_text("What you typed is kept for 12 hours")
    sign_in(page)

    expect(page.get_by_role("heading", name="What you typed")).to_be_visible()
    expect(page.locator("blockquote")).to_have_text("Two linesof a note")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") is True
    assert Note.objects.count() == 0
    page.get_by_role("button", name="Send it").click()

    expect(page.get_by_text("of a note")).to_be_visible()
    assert Note.objects.get(inquiry=inquiry).words.splitlines() == ["Two lines", "of a note"]
    page.goto("/admin/")
    expect(page.get_by_role("link", name="What you typed")).to_have_count(0)
