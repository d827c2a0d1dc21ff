"""What stands around the words of every page, in a real browser: header, aside and footer, in pixels."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from appointments.models import Practitioner
from appointments.scheduling import slot_codes
from tests import make
from tests.patient import prove

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
        prove(context, own_page)
        for path in [*WITH_AN_ASIDE, own_page]:
            page.goto(path)

            left, right = edges(page, "header .wrap")
            assert (edges(page, "main h1")[0], edges(page, "main aside")[1]) == (left + 20, right - 20), path
            top = page.locator("main h1").bounding_box()["y"]
            assert abs(page.locator("main :is(.filters, aside)").first.bounding_box()["y"] - top) < 20, path


def test_filters_of_free_times_stand_above_them_on_a_phone_and_beside_them_on_a_wide_screen(
    clinic, browser, live_server
):
    follow_up = make.visit_type("Follow-up", lead_hours=48)
    Practitioner.objects.first().schedules.create(visit_type=follow_up, is_online=True)
    paths = ["/appointments/times/", f"{make.inquiry().own_page_url()}times/"]
    for path in paths:
        with browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 780}) as context:
            page = context.new_page()
            prove(context, paths[1])
            page.goto(path)
            title, filters, first = (
                page.locator(each).first.bounding_box() for each in ("h1", ".filters", ".next-times button")
            )
            assert title["y"] < filters["y"] < first["y"] < 780, path

            page.set_viewport_size({"width": 1280, "height": 900})
            title, filters, first, call = (
                page.locator(each).first.bounding_box()
                for each in ("h1", ".filters", ".next-times button", "main aside section")
            )
            assert filters["x"] > first["x"] + first["width"], path
            assert (filters["x"], filters["width"]) == (call["x"], call["width"]), path
            assert abs(filters["y"] - title["y"]) < 20, path
            assert 0 < call["y"] - filters["y"] - filters["height"] < 80, path

            page.get_by_role("button", name="John Roe, NP", exact=True).click()
            expect(page.locator(".people-row [aria-current]")).to_have_text("John Roe, NP")
            assert set(page.locator(".next-times .whom").all_inner_texts()) == {"with John Roe, NP"}, path


PAGES = [
    "/", "/procedures/", "/procedures/kyphoplasty/", "/procedures/kyphoplasty/benefits/",
    "/procedures/kyphoplasty/recovery/", "/procedures/kyphoplasty/print/", "/procedures/glossary/", "/appointments/",
    "/appointments/times/", "/about/", "/privacy/", "/accessibility/", "/notices/language-help/", "/nowhere/",
]  # fmt: skip
# Pixels: as a browser has them, and as somebody may choose who sees badly.
LETTERS = (16, 24, 32)
SCREENS = [{"width": 320, "height": 568}, {"width": 360, "height": 640}]


SPANISH = {"language": "es", "words": "Hablamos español.", "emergency_words": "Llame al 911.", "translator": "Ana Ruiz"}


@pytest.fixture
def page(clinic, browser, live_server):
    with browser.new_context(base_url=live_server.url, viewport=SCREENS[0]) as context:
        page = context.new_page()
        page.letters = context.new_cdp_session(page)
        yield page


def enlarge(page, letters: int) -> None:
    """Let the page have letters as large as somebody chose them in the browser; the site makes of them 112.5 %."""
    page.letters.send("Page.setFontSizes", {"fontSizes": {"standard": letters}})
    own = "size => getComputedStyle(document.documentElement).fontSize === size"
    page.wait_for_function(own, arg=f"{letters * 1.125:g}px")


NEEDED = """
    [document.documentElement.scrollWidth, document.querySelector("body > header").getBoundingClientRect().height]
"""


def misfits(page) -> list[str]:
    """
    With which LETTERS and on which of SCREENS the page as it stands is too wide, or its header too high.

    Buttons are pressed among the largest letters on the smallest screen. A header takes a third of a screen at most.
    """
    found = []
    for letters in LETTERS:
        enlarge(page, letters)
        for screen in reversed(SCREENS):
            page.set_viewport_size(screen)
            width, height = screen["width"], screen["height"]
            needed, header = page.evaluate(NEEDED)
            if needed > width or header > height / 3:
                found.append(f"{page.url}, {letters} on {width} x {height}: {needed} wide, header {header} high")
    return found


def test_letters_of_any_size_fit_a_phone_below_a_header_of_a_third(page):
    own_page = make.inquiry().own_page_url()
    found = []
    question = make.inquiry().own_page_url()
    prove(page.context, own_page)
    for path in [*PAGES, own_page, question]:
        page.goto(path)
        found += misfits(page)

    assert found == []


def test_letters_of_any_size_fit_the_form_in_its_states_and_the_pages_of_a_time(page):
    own_page = make.appointment().inquiry.own_page_url()
    code = slot_codes.encode(
        make.slots(Practitioner.objects.get(name="Jane Doe, MD"), timezone.localdate() + timedelta(days=4))[0]
    )
    found = []
    prove(page.context, own_page)
    for path in (f"/appointments/?slot={code}", *(f"{own_page}{rest}" for rest in ("", "times/", "cancel/"))):
        page.goto(path)
        found += misfits(page)
    for path in ("/appointments/", f"/appointments/?slot={code}"):
        page.goto(path)
        page.get_by_text("For someone else, another language").click()
        page.check("#id_for_someone_else")
        page.locator("#contact-form > button").click()
        expect(page.locator(".error-summary")).to_be_visible()
        found += misfits(page)

    assert found == []


def test_letters_of_any_size_fit_a_header_with_a_line_in_another_language(page, clinic):
    clinic.language_lines.create(**SPANISH)
    own_page = make.appointment().inquiry.own_page_url()
    found = []
    for path in ("/", "/appointments/", own_page, f"{own_page}cancel/"):
        page.goto(path)
        assert page.locator("header [lang=es]").inner_text() == "Hablamos español."
        found += misfits(page)

    assert found == []


def test_a_line_in_another_language_leaves_the_button_that_calls_beside_the_links(clinic, browser, live_server):
    clinic.language_lines.create(**SPANISH | {"words": "Hablamos español. Llame al (212) 555-0142."})
    for width in (1120, 1280, 1920):
        with browser.new_context(base_url=live_server.url, viewport={"width": width, "height": 900}) as context:
            page = context.new_page()
            page.goto("/about/")

            links, call = (page.locator(f"header {each}").bounding_box() for each in ("nav", ".call"))
            assert links["y"] < call["y"] + call["height"] / 2 < links["y"] + links["height"]
            assert edges(page, "header .call")[1] == edges(page, "header .wrap")[1] - 20


def test_a_header_and_a_footer_leave_a_phone_to_the_words(clinic, browser, live_server):
    with browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 640}) as context:
        page = context.new_page()
        page.goto("/about/")

        assert page.locator("body > header").bounding_box()["height"] <= 116
        assert page.locator("body > footer").bounding_box()["height"] <= 420


def test_every_link_that_calls_is_44_px_high(clinic, browser, live_server):
    clinic.language_lines.create(**SPANISH)
    own_page = make.inquiry().own_page_url()
    with browser.new_context(base_url=live_server.url) as context:
        page = context.new_page()
        prove(context, own_page)
        for path in [*PAGES, own_page]:
            page.goto(path)
            for width in (360, 1280):
                page.set_viewport_size({"width": width, "height": 640})
                heights = page.evaluate(
                    "[...document.querySelectorAll('a[href^=\"tel:\"]')]"
                    ".filter(each => each.checkVisibility())"
                    ".map(each => [each.textContent, each.getBoundingClientRect().height])"
                )
                assert heights, (path, width)
                assert [each for each in heights if each[1] < 44] == [], (path, width)


def test_the_emergency_card_has_a_row_for_911_and_one_for_the_clinic(clinic, browser, live_server):
    with browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 640}) as context:
        page = context.new_page()
        page.goto("/about/")
        rows = [link.bounding_box() for link in page.locator(".emergency a").all()[:2]]

        assert [round(row["height"]) >= 48 for row in rows] == [True, True]
        assert len({row["width"] for row in rows}) == 1
