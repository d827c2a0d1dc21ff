"""After a mistake on staff's pages the focus is on the summary of what went wrong, and its links lead to the fields."""

import pytest
from playwright.sync_api import Page, expect

from tests import make
from tests.journeys.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(browser, live_server, settings) -> Page:
    settings.SITE_URL = live_server.url
    make.clinic()
    make.front_desk(username="ann")
    inquiry = make.inquiry()
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    sign_in(page, "ann")
    page.goto(f"/admin/appointments/inquiry/{inquiry.pk}/change/")
    yield page
    context.close()


def test_at_the_desk_it_has_the_focus_and_leads_to_the_field(page):
    page.get_by_label("Note for colleagues").fill("My note")
    page.get_by_role("button", name="Send the answer").click()

    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary")).to_be_in_viewport()
    page.get_by_role("link", name="Your answer: Write your answer.").click()
    expect(page.get_by_label("Your answer")).to_be_focused()
    expect(page.get_by_label("Note for colleagues")).to_have_value("My note")


def test_on_djangos_own_forms_no_script_takes_the_focus_away(page):
    page.goto("/admin/appointments/closure/add/")
    expect(page.locator("#closure_form :focus")).to_have_count(1)  # Where nothing went wrong, its first field has it.

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator("#error-summary")).to_be_focused()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#error-summary")).to_be_focused()
