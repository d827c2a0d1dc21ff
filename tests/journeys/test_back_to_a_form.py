"""Back to a form that came back with its mistakes: it stands there as it was, with what was typed."""

import pytest
from playwright.sync_api import expect

from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def test_back_from_another_page_shows_the_form_with_its_mistakes_and_what_was_typed(browser, live_server):
    make.clinic()
    with browser.new_context(base_url=live_server.url) as context:
        page = context.new_page()
        page.goto("/appointments/")
        page.locator("#id_name").fill("Rosa Lind")
        page.locator("#id_message").fill("When can I garden again?")
        page.locator("#contact-form > button").click()
        expect(page.locator("#error-summary")).to_be_visible()

        page.get_by_role("link", name="Privacy").first.click()
        page.wait_for_url("**/privacy/")
        page.go_back()

        expect(page.locator("#error-summary")).to_be_visible()
        expect(page.locator("#id_message")).to_have_value("When can I garden again?")
