"""
A patient reads, writes and gets an answer: the whole way, in a real browser, with JavaScript and without.

Given a clinic with the kyphoplasty content, when a patient fills the form with the keyboard alone and the front
desk works what arrives, then the patient's own page tells each step.
"""

import re
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from appointments.models import Inquiry
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def browse(request, browser, live_server, settings):
    """Opens a new browser with its own cookies; what it asked for is in `.asked`."""
    settings.SITE_URL = live_server.url
    contexts = []

    def open_browser() -> Page:
        context = browser.new_context(
            java_script_enabled=request.param, base_url=live_server.url, viewport={"width": 360, "height": 780}
        )
        contexts.append(context)
        page = context.new_page()
        page.asked = []
        page.on("request", lambda sent: page.asked.append(sent.url))
        return page

    yield open_browser
    for context in contexts:
        context.close()


def test_from_the_home_page_to_a_closed_inquiry(browse, live_server):
    call_command("load_content", verbosity=0)
    make.clinic()
    make.front_desk(username="ann", first_name="Ann")

    patient, desk = browse(), browse()
    read_about_kyphoplasty(patient)
    fill_the_form_with_the_keyboard(patient, total="1")
    own_page = correct_the_sum(patient)
    nobody_watched(patient, live_server.url)

    sign_in(desk, "ann")
    work_the_inquiry(desk)

    patient.goto(own_page)
    expect(patient.locator("main")).to_contain_text("This is closed.")


def read_about_kyphoplasty(page: Page) -> None:
    page.goto("/")
    page.asked.clear()
    page.get_by_role("link", name="What it is and how it works").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kyphoplasty")
    assert len(page.asked) <= 6
    page.get_by_role("navigation", name="Pages of this procedure").get_by_role("link", name="Benefits").click()
    expect(page.get_by_role("heading", name="Risks", exact=True)).to_be_visible()
    page.get_by_role("navigation", name="Pages of this procedure").get_by_role("link", name="Recovery").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery after kyphoplasty")


def fill_the_form_with_the_keyboard(page: Page, total: str) -> None:
    expect(page.locator("#id_phone")).to_be_hidden()

    tab_to(page, "#id_kind_0")
    page.keyboard.press("ArrowDown")  # Ask a question
    expect(page.locator("#id_kind_1")).to_be_checked()
    tab_to(page, "#id_name")
    page.keyboard.type("Rosa Lind")
    tab_to(page, "#id_contact_by_0")
    page.keyboard.press("Space")  # Phone call
    tab_to(page, "#id_phone")
    page.keyboard.type("(212) 555-0123")
    tab_to(page, "#id_message")
    page.keyboard.type("When can I garden again?")
    tab_to(page, "#contact-form summary")
    page.keyboard.press("Enter")
    tab_to(page, "#id_reach_note")
    page.keyboard.type("no voicemail")
    expect(page.locator("#id_procedure")).to_have_value("kyphoplasty")
    tab_to(page, "#id_consent")
    page.keyboard.press("Space")
    tab_to(page, "#id_sum")
    page.keyboard.type(total)
    page.keyboard.press("Enter")


def correct_the_sum(page: Page) -> str:
    """Answer the sum after the error summary, and return the address of the own page."""
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".error-summary")).to_contain_text("1 is not")
    expect(page.locator("#id_name")).to_have_value("Rosa Lind")
    expect(page.locator("#id_message")).to_have_value("When can I garden again?")
    expect(page.locator("#id_phone")).to_have_value("(212) 555-0123")

    first, second = re.findall(r"\d+", page.locator("label[for=id_sum]").inner_text())
    tab_to(page, ".error-summary a")
    page.keyboard.press("Enter")
    expect(page.locator("#id_sum")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type(str(int(first) + int(second)))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("We have your question")
    expect(page.locator("main")).to_contain_text("We will contact you by")
    expect(page.locator("main")).to_contain_text(Inquiry.objects.get().shown_reference)
    return page.url


def nobody_watched(page: Page, site: str) -> None:
    """No cookie but the own page's proof, no script, no request to anybody else."""
    own_page = urlsplit(page.url).path
    assert [cookie["path"] for cookie in page.context.cookies()] == [own_page]
    assert [url for url in page.asked if not url.startswith(site)] == []
    assert [url for url in page.asked if ".js" in url] == []


def sign_in(page: Page, name: str) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#user-tools")).to_be_visible()


def work_the_inquiry(page: Page) -> None:
    expect(page.get_by_role("heading", name="1 inquiry waits for us")).to_be_visible()
    page.get_by_role("link", name="1 inquiry waits for us").click()
    expect(page.locator("#result_list")).to_contain_text("no voicemail")
    page.get_by_role("link", name="Rosa Lind").click()

    page.get_by_role("button", name="Take it").click()
    expect(page.locator(".badges")).to_contain_text("Taken by Ann")

    page.get_by_label("Reached").check()
    page.get_by_label("In a few words").fill("Told her what the doctor said.")
    page.get_by_role("button", name="Save the call").click()
    expect(page.locator(".history")).to_contain_text("Reached. Told her what the doctor said.")

    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".history")).to_contain_text("State: Open → Closed")
    page.goto("/admin/appointments/inquiry/")
    expect(page.locator("#changelist")).not_to_contain_text("Rosa Lind")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until `selector` has the focus, as somebody without a mouse does."""
    for _ in range(80):
        if page.locator(f"{selector}:focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")
