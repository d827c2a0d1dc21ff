"""What stands around the words of every page, in a real browser: header, aside and footer, in pixels."""

import pytest
from django.core.management import call_command

from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

WITH_AN_ASIDE = ["/appointments/", "/appointments/times/", "/about/", "/privacy/", "/nowhere/"]


@pytest.fixture
def clinic():
    """A clinic with something on every page."""
    call_command("load_content", verbosity=0)
    clinic = make.clinic(name="Linden Hill Spine Clinic")
    clinic.opening_hours.create(weekday=0, opens="09:00", closes="17:00")
    clinic.social_links.update_or_create(name="Facebook", defaults={"url": "https://example.com/"})
    visit = make.visit_type("First visit", lead_hours=48)
    make.practitioner("Jane Doe, MD", title="Spine surgeon", about="She sees new patients.", visit=visit)
    make.practitioner("John Roe, NP", title="Nurse practitioner", visit=visit)
    return clinic


def edges(page, selector: str) -> list[int]:
    """Where an element's box begins and ends on the screen, from the left."""
    box = page.locator(selector).first.bounding_box()
    return [round(box["x"]), round(box["x"] + box["width"])]


def test_words_and_aside_take_the_whole_width_of_the_header(clinic, browser, live_server):
    own_page = make.inquiry().own_page_url()
    with browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        for path in [*WITH_AN_ASIDE, own_page]:
            page.goto(path)

            left, right = edges(page, "header .wrap")
            assert (edges(page, "main h1")[0], edges(page, "main aside")[1]) == (left + 20, right - 20), path
            top = page.locator("main h1").bounding_box()["y"]
            assert abs(page.locator("main aside").bounding_box()["y"] - top) < 20, path
