"""What waits, on the first page of the admin: a table on a desk's screen, and on a phone a card for each inquiry."""

import pytest
from playwright.sync_api import Page

from tests import make
from tests.journeys.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(browser, live_server, settings) -> Page:
    settings.SITE_URL = live_server.url
    make.clinic()
    make.front_desk(username="ann")
    fields = {"reach_note": "Hard of hearing, please let it ring", "procedure": make.procedure()}
    make.inquiry(name="Harold Finch-Oyelaran", **fields)
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    sign_in(page, "ann")
    page.goto("/admin/")
    yield page
    context.close()


def cells(page: Page) -> list[dict[str, float]]:
    """Where the cells of the first row stand, and how wide they are."""
    return [cell.bounding_box() for cell in page.locator(".waiting tbody tr").first.locator("th, td").all()]


def test_on_a_phone_the_parts_of_an_inquiry_stand_below_each_other(page):
    page.set_viewport_size({"width": 360, "height": 780})

    boxes = cells(page)

    assert len(boxes) == 3
    assert {box["x"] for box in boxes} == {boxes[0]["x"]}
    assert min(box["width"] for box in boxes) > 280
    says = page.locator(".waiting td").all()
    labels = [each.evaluate("cell => getComputedStyle(cell, '::before').content") for each in says]
    assert labels == ['"Why: "', '"Answer by: "']


def test_on_a_desks_screen_they_stand_side_by_side_below_their_columns(page):
    page.set_viewport_size({"width": 1280, "height": 900})

    boxes = cells(page)

    assert {box["y"] for box in boxes} == {boxes[0]["y"]}
    assert page.locator(".waiting thead").bounding_box()["height"] > 20
