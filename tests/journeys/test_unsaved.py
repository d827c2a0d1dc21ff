"""A page of staff's asks before it is left with words that nobody has sent."""

import pytest
from playwright.sync_api import Dialog, Page, expect

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
    page.get_by_label("Note for colleagues").click()
    yield page
    context.close()


def asked_on_leaving(page: Page) -> list[str]:
    """The kinds of question that a click on a link of the page brings; the answer is to stay."""
    asked: list[Dialog] = []
    page.once("dialog", lambda dialog: (asked.append(dialog), dialog.dismiss()))
    page.get_by_role("link", name="Print for the chart").click(no_wait_after=True)
    page.wait_for_function("() => true")
    return [dialog.type for dialog in asked]


def test_a_link_does_not_lose_a_note(page):
    page.keyboard.type("Came in with her son")

    assert asked_on_leaving(page) == ["beforeunload"]
    expect(page.get_by_label("Note for colleagues")).to_have_value("Came in with her son")


def test_who_has_typed_nothing_is_asked_nothing(page):
    assert asked_on_leaving(page) == []
    page.wait_for_url("**/chart/")


def test_what_is_sent_is_not_asked_for(page):
    page.keyboard.type("Came in with her son")

    page.get_by_role("button", name="Save the note").click()

    expect(page.locator(".history")).to_contain_text("Came in with her son")
