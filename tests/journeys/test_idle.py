"""The line that warns staff two minutes before they are signed out, in a browser whose clock the test moves."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.models import StaffSession
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

WARNING = "you will be signed out within two minutes"


@pytest.fixture
def page(browser, live_server, settings) -> Page:
    settings.SITE_URL = live_server.url
    make.clinic(idle_minutes=5)
    make.living_worker()  # Without one the first page has an alert of its own.
    make.front_desk(username="ann")
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    page.clock.install()
    with page.expect_response("**/admin/session/"):
        page.goto("/admin/login/?next=/admin/")
        page.get_by_label("Username").fill("ann")
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name="Log in").click()
    settle(page)
    yield page
    context.close()


def settle(page: Page) -> None:
    """Wait until the script has read the answer that it got: one that is asked for after it has come."""
    page.evaluate("async () => { await (await fetch('/admin/session/')).json() }")


def idle(page: Page, seconds: int) -> None:
    """Let the browser's clock and the age of the session go on by so much."""
    row = StaffSession.objects.get(ended_at=None)
    row.last_seen_at -= timedelta(seconds=seconds)
    row.save()
    page.clock.fast_forward(seconds * 1000)


def idle_until_asked(page: Page, seconds: int) -> None:
    with page.expect_response("**/admin/session/"):
        idle(page, seconds)
    settle(page)


def test_staff_are_warned_two_minutes_before_and_stay_with_one_press(page):
    alert = page.get_by_role("alert")
    idle(page, 120)
    expect(alert).to_have_count(0)

    idle_until_asked(page, 70)
    expect(alert).to_contain_text(WARNING)

    with page.expect_response("**/admin/session/stay/"):
        page.get_by_role("button", name="Stay signed in").click()
    expect(alert).to_have_count(0)
    assert StaffSession.objects.get().last_seen_at > timezone.now() - timedelta(seconds=60)


def test_who_does_not_press_it_is_told_that_they_are_signed_out(page):
    idle_until_asked(page, 190)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(WARNING)

    idle_until_asked(page, 120)

    expect(alert).to_have_text("You are signed out.")
    assert StaffSession.objects.get().ended_at is not None
