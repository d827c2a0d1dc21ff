"""
The list of calls, worked in its rows, with and without scripts.

Given two patients to be told by phone, when the front desk presses how each call went, then it stays on the list of
calls, a sentence with the name says what was done, and Undo takes it back. One press is one load.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from appointments.models import CallTask
from appointments.notifications.notify import notify
from tests import make
from tests.journeys.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def desk(browser, live_server, settings, request) -> Page:
    settings.SITE_URL = live_server.url
    make.clinic()
    make.front_desk(username="ann")
    for name in ("Cleo Frost", "Harold Finch"):
        notify("answered", make.inquiry(name=name))
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=request.param, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    sign_in(page, "ann")
    page.goto("/admin/")
    page.get_by_role("link", name="Calls to make: 2").click()
    yield page
    context.close()


def test_a_call_is_logged_in_its_row_and_taken_back(desk):
    loads = []
    # A press posts, and is led to the list.
    desk.on("request", lambda asked: loads.append(asked.method) if asked.is_navigation_request() else None)

    desk.get_by_role("button", name=re.compile("^Reached ?: Cleo Frost")).click()
    expect(desk.locator(".messagelist")).to_contain_text("Cleo Frost: reached.")
    expect(desk.locator(".call-who")).to_have_count(1)
    assert loads == ["POST", "GET"]

    desk.get_by_role("button", name="Undo").click()
    expect(desk.locator(".messagelist")).to_contain_text("Cleo Frost: taken back; the call is to be made again.")
    expect(desk.locator(".call-who")).to_have_count(2)


def test_enter_in_the_words_of_a_row_saves_a_note_and_ends_nothing(desk):
    row = desk.locator(".call-rows > li", has_text="Harold Finch")
    row.locator("summary").click()
    row.get_by_label("What you did instead, or what else to try").fill("Try his sister")

    desk.keyboard.press("Enter")

    expect(desk.locator(".messagelist")).to_contain_text("Harold Finch: note saved, still on the list.")
    assert [call.state for call in CallTask.objects.all()] == ["waiting", "waiting"]


def test_number_sentence_and_buttons_of_the_first_row_need_no_scrolling(desk):
    row = desk.locator(".call-rows > li").first

    for what in (row.locator(".call-number a"), row.locator(".call-said"), row.get_by_role("button", name="No answer")):
        expect(what).to_be_in_viewport(ratio=1)
