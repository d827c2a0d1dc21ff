"""What somebody at the phone has to see of an inquiry: all of it stands on the desk's screen without scrolling."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.inquiries import conversation
from tests import make
from tests.journeys.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(browser, live_server, settings) -> Page:
    """The desk of somebody who wrote much, twice, who is reached through another person, and has a time."""
    settings.SITE_URL = live_server.url
    make.clinic()
    make.front_desk(username="ann")
    inquiry = make.inquiry(
        name="Petra Lang", patient_name="Cleo Frost", patient_phone="212 555 0177", contact_person="patient",
        phone="212 555 0131", email="petra@example.com", reach_note="Please leave no voicemail, let it ring long",
        message="Words of the first day. " * 80, procedure=make.procedure(),
    )  # fmt: skip
    doctor = make.practitioner()
    slot = make.slots(doctor, timezone.localdate() + timedelta(days=7))[0]
    appointments.book(inquiry=inquiry, slot=slot, by=Actor.visitor())
    conversation.write_back(inquiry=inquiry, words="The newest words. " * 100)
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    sign_in(page, "ann")
    page.goto(f"/admin/appointments/inquiry/{inquiry.pk}/change/")
    yield page
    context.close()


def test_the_newest_words_the_phone_the_time_and_the_promise_stand_there_without_scrolling(page):
    page.set_viewport_size({"width": 1280, "height": 900})

    shown = {
        name: page.locator(selector).first.bounding_box()
        for name, selector in {
            "who comes": "h1",
            "promise": ".badges :text('Answer by')",
            "newest words": "#newest-title + blockquote",
            "phone": ".reach .big a[href^='tel:']",
            "reached": ".called button[value='call-reached']",
            "no answer": ".called button[value='call-no_answer']",
            "time": "#their-time-title + .big",
        }.items()
    }

    assert {name: box["y"] + box["height"] <= 900 for name, box in shown.items()} == dict.fromkeys(shown, True)
    assert page.evaluate("scrollY") == 0
    assert page.locator("h1").inner_text().startswith("Cleo Frost (through Petra Lang)")
    assert page.locator("#newest-title + blockquote").inner_text().startswith("The newest words.")


def test_nothing_is_cut_at_the_side_and_every_button_is_large_enough_to_touch(page):
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})

        assert page.evaluate("document.documentElement.scrollWidth") == width
        buttons = [each.bounding_box() for each in page.locator(".desk button:not(.visually-hidden)").all()]
        assert min(box["height"] for box in buttons) >= 44
        assert max(box["x"] + box["width"] for box in buttons) <= width
