"""A second procedure, from its name to a visitor's screen: a content editor and a clinician, and no developer."""

import re
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from clinic.accounts import roles
from tests import make
from tests.journeys.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

# What the editor writes; the clinician has entered the fact before.
BODY = """## What is a nerve block?

{fact="N1"}
A nerve block may ease pain.

::: drawing needle
A needle beside the spine.
:::

[Recovery](/procedures/nerve-block/recovery/)
"""


@pytest.fixture
def staff(browser: Browser, live_server, settings) -> Iterator[dict[str, Page]]:
    settings.SITE_URL = live_server.url
    call_command("load_content", verbosity=0)
    make.clinic()
    pages = {}
    for role in (roles.CONTENT_EDITOR, roles.CLINICIAN):
        name = role.lower().replace(" ", "")
        make.user(role, username=name)
        page = browser.new_context(base_url=live_server.url).new_page()
        sign_in(page, name)
        pages[role] = page
    yield pages
    for page in pages.values():
        page.context.close()


def test_it_is_written_signed_and_shown(staff, browser, live_server):
    editor, clinician = staff[roles.CONTENT_EDITOR], staff[roles.CLINICIAN]
    begin(editor)
    upload(editor)
    enter_a_fact(clinician)
    write(editor)
    show_without_a_signature(editor)
    sign(clinician)
    editor.get_by_role("link", name="No, leave it").click()
    editor.get_by_role("button", name="Show it to visitors").click()
    expect(editor.get_by_role("status")).to_contain_text("Visitors see Nerve block now.")
    with browser.new_context(base_url=live_server.url) as context:
        read(context.new_page())


def begin(page: Page) -> None:
    page.goto("/admin/procedures/procedure/add/")
    page.get_by_label("Name:").fill("Nerve block")
    page.get_by_label("Position:").fill("2")
    expect(page.get_by_label("Address:")).to_have_value("nerve-block")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Nerve block is begun: fill in its three pages.")
    assert page.request.get("/procedures/nerve-block/").status == 404


def upload(page: Page) -> None:
    page.goto("/admin/procedures/drawing/add/")
    page.get_by_label("Name:").fill("needle")
    page.get_by_label("What it shows:").fill("A needle beside the spine.")
    svg = make.SVG.replace("<path ", '<script>alert(1)</script><path onclick="alert(1)" stroke="black" ')
    page.get_by_label("SVG file:").set_input_files(
        {"name": "needle.svg", "mimeType": "image/svg+xml", "buffer": svg.encode()}
    )
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#error-summary")).to_contain_text("Left out: <script>, onclick.")
    expect(page.locator("img.uploaded")).to_have_js_property("naturalWidth", 600)


def enter_a_fact(page: Page) -> None:
    page.goto("/admin/procedures/fact/add/")
    page.get_by_label("Procedure:").select_option("Nerve block")
    page.get_by_label("Id:").fill("N1")
    page.get_by_label("Sentence:").fill("A nerve block may ease pain.")
    page.get_by_label("Source:").fill("The clinic’s own page")
    page.get_by_label("I have read the sentence and its source, and sign them").check()
    page.get_by_label("Your name:").fill("Jane Doe, MD")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#result_list")).to_contain_text("Signed by Jane Doe, MD")


def pages_of_it(page: Page) -> None:
    page.goto("/admin/procedures/procedure/")
    page.get_by_role("link", name="Nerve block").click()
    page.get_by_role("link", name="Its pages, and who sees them").click()


def write(page: Page) -> None:
    for label in ("Overview", "Benefits and risks", "Recovery"):
        pages_of_it(page)
        page.get_by_role("link", name=label, exact=True).click()
        expect(page.get_by_role("heading", name="Still to write")).to_be_visible()
        page.get_by_label("Lead:").fill("What may help with pain.")
        page.get_by_label("Body:").fill(BODY if label == "Overview" else "## What can I expect?\n\nAsk us.\n")
        page.get_by_role("button", name="Save as draft").click()
        expect(page.get_by_role("status")).to_contain_text("was changed successfully")
        expect(page.get_by_role("heading", name="Still to write")).to_have_count(0)


def show_without_a_signature(page: Page) -> None:
    pages_of_it(page)
    page.get_by_role("button", name="Show it to visitors").click()
    expect(page.get_by_role("alert")).to_contain_text("No clinician has signed this: publish anyway?")
    assert page.request.get("/procedures/nerve-block/").status == 404


def sign(page: Page) -> None:
    for label in ("Overview", "Benefits and risks", "Recovery"):
        page.goto("/admin/")
        page.get_by_role("link", name=f"Read and sign off Nerve block: {label}").click()
        if label == "Overview":
            expect(page.locator("main, #content").first).to_contain_text("Signed by Jane Doe, MD on")
        page.get_by_label("The clinician’s name").fill("Jane Doe, MD")
        page.get_by_label("Each sentence has been read beside its fact").check()
        page.get_by_role("button", name="Sign off").click()
        expect(page.get_by_role("status")).to_contain_text("Signed off.")


def read(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Nerve block", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nerve block")
    expect(page.get_by_role("img", name="A needle beside the spine.")).to_be_visible()
    expect(page.get_by_role("img", name="A needle")).to_have_js_property("naturalWidth", 600)
    expect(page.locator(".reviewed")).to_contain_text("Reviewed by Jane Doe, MD")
    expect(page.locator("#id_procedure")).to_have_value("nerve-block")
    page.get_by_role("link", name=re.compile("^Recovery$")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery after nerve block")
