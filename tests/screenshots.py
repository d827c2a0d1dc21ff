"""The pictures in docs/, taken from a running `make demo`: make screenshots (PORT=8001 as it was started)."""

import json
import os
import sys
from http.client import HTTPException
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

from clinic.local import localdb
from tests import chromium

SITE = f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"
DOCS = localdb.ROOT / "docs"


def main() -> None:
    refuse_without_a_demo()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        page = browser.new_page(base_url=SITE, viewport={"width": 1280, "height": 900})
        page.goto("/procedures/kyphoplasty/")
        page.screenshot(path=DOCS / "page.png")

        front_desk(signed_in(browser, "frontdesk"))
        editing(signed_in(browser, "editor"))
        page = signed_in(browser, "clinician")
        page.goto("/admin/")
        page.get_by_role("link", name="Read and sign off Kyphoplasty: Benefits and risks").click()
        page.screenshot(path=DOCS / "sign-off.png")
        browser.close()


def refuse_without_a_demo() -> None:
    """One sentence, where the browser would end with its own stack."""
    try:
        with urlopen(f"{SITE}/livez", timeout=10) as answer:
            if answer.read() == b"ok\n":
                return
    except (OSError, HTTPException):
        pass
    sys.exit(f"No site answers at {SITE}. Start `make demo` first; PORT must be the one that it has.")


def front_desk(page: Page) -> None:
    """The first page, the inbox, the agenda of the first day on which somebody comes, and a new caller."""
    page.screenshot(path=DOCS / "today.png")
    page.goto("/admin/appointments/inquiry/")
    page.screenshot(path=DOCS / "inbox.png")
    page.goto("/admin/agenda/")
    while page.get_by_text("booked").count() == 0:
        page.get_by_role("link", name="›").click()
    page.screenshot(path=DOCS / "agenda.png")
    page.goto("/admin/")
    page.get_by_label("Caller’s name").fill("Agnes Moreau")
    page.get_by_label("Phone", exact=True).fill("212 555 0199")
    page.get_by_role("button", name="New caller").click()
    page.screenshot(path=DOCS / "new-caller.png")


def editing(page: Page) -> None:
    """A page being edited, its dead link pointed out, and its draft beside the live words."""
    page.goto("/admin/")
    page.get_by_role("link", name="Kyphoplasty: Recovery", exact=True).click()
    page.screenshot(path=DOCS / "edit.png")
    page.get_by_role("link", name="Compare versions").click()
    words, edit = page.url, page.url.replace("/compare/", "/change/")
    page.goto(edit)
    body = page.get_by_label("Body:")
    kept = body.input_value()
    body.fill(kept + "\nSee [our benefits page](/procedures/kyphoplasty/benefit/).\n")
    page.get_by_role("button", name="Save as draft").click()
    page.locator(".field-body").screenshot(path=DOCS / "dead-link.png")
    page.get_by_label("Body:").fill(kept.replace("for a few weeks.", "for some weeks."))
    page.get_by_role("button", name="Save as draft").click()
    page.goto(words)
    page.screenshot(path=DOCS / "compare.png")


def signed_in(browser: Browser, name: str) -> Page:
    password = json.loads((localdb.ROOT / ".local" / "accounts.json").read_text())[name]
    page = browser.new_page(base_url=SITE, viewport={"width": 1280, "height": 900})
    page.goto("/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    return page


if __name__ == "__main__":
    main()
