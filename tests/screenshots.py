"""The pictures in docs/, taken from a running `make demo`: make screenshots (SITE=… for another address)."""

import json
import os

from playwright.sync_api import sync_playwright

from clinic import localdb
from tests import chromium

SITE = os.environ.get("SITE", "http://127.0.0.1:8000")
DOCS = localdb.ROOT / "docs"


def main() -> None:
    passwords = json.loads((localdb.ROOT / ".local" / "accounts.json").read_text())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        page = browser.new_page(base_url=SITE, viewport={"width": 1280, "height": 900})
        page.goto("/procedures/kyphoplasty/")
        page.screenshot(path=DOCS / "page.png")

        page.goto("/admin/")
        page.get_by_label("Username").fill("frontdesk")
        page.get_by_label("Password").fill(passwords["frontdesk"])
        page.get_by_role("button", name="Log in").click()
        page.goto("/admin/appointments/inquiry/")
        page.screenshot(path=DOCS / "inbox.png")
        browser.close()


if __name__ == "__main__":
    main()
