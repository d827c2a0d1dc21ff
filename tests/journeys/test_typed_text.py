"""What somebody typed, wherever it stands: a long link widens no page, and no script turns what is beside it."""

import pytest

from appointments.actors import Actor
from appointments.inquiries import conversation
from tests import make
from tests.journeys.staff import sign_in
from tests.patient import prove

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "https://example.com/" + "a" * 380
ARABIC = "رزا ليند"
IS_WIDE = "() => [...document.querySelectorAll('html, #content')].some(e => e.scrollWidth > e.clientWidth + 1)"
HOW = "e => { const s = getComputedStyle(e); return `${s.unicodeBidi} ${s.direction}`; }"


def test_a_long_link_leaves_each_page_as_wide_as_it_is_and_values_are_isolated(browser, live_server, settings):
    settings.SITE_URL = live_server.url
    make.clinic()
    ann = make.front_desk(username="ann")
    inquiry = make.inquiry(
        name=ARABIC, patient_name="W" * 150, message=LONG, reach_note="b" * 200, phone="212 555 0123"
    )
    conversation.write_back(inquiry=inquiry, words=LONG)
    conversation.note(inquiry=inquiry, words=LONG, by=Actor.staff(ann))
    conversation.reply(inquiry=inquiry, words=LONG, version=inquiry.version, by=Actor.staff(ann))
    row = f"/admin/appointments/inquiry/{inquiry.pk}"
    staffs = (
        f"{row}/change/",
        f"{row}/contact/",
        "/admin/",
        "/admin/appointments/inquiry/",
        "/admin/appointments/calltask/",
    )

    with browser.new_context(base_url=live_server.url) as context:
        page = context.new_page()
        sign_in(page, "ann")
        own = inquiry.own_page_url()
        prove(context, own)
        too_wide = []
        for address in (*staffs, own):
            page.goto(address)
            for width in (1280, 360):
                page.set_viewport_size({"width": width, "height": 800})
                too_wide += [(address, width)] if page.evaluate(IS_WIDE) else []
        assert too_wide == []

        page.goto("/admin/appointments/calltask/")
        assert page.locator(".call-who a").first.evaluate(HOW) == "plaintext ltr"
        assert page.locator('.call-number a[href^="tel:"]').first.evaluate(HOW) == "isolate ltr"
