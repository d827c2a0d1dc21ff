"""A table with many columns, on the narrowest phone: it is moved in its place, and the page stays where it is."""

import pytest

from procedures.models import Words
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = (
    "| Weekday | Medication | Exercises | Appointment | Restrictions |\n|---|---|---|---|---|\n| Mo | a | b | c | d |\n"
)


def test_five_columns_at_320_px_are_moved_within_their_region_on_the_page_and_on_the_sheet(browser, live_server):
    make.clinic()
    page = make.procedure().pages.get(slug="overview")
    in_a_card = f":::: cards\n\n::: card\n\n## Rest\n\n{TABLE}\n:::\n\n::::\n"
    in_a_step = "\n".join(f"   {line}" for line in TABLE.splitlines())
    body = f"## Plan\n\n{TABLE}\n{in_a_card}\n::: steps\n\n1. ### One\n\n{in_a_step}\n\n:::\n"
    page.publish(Words("Kyphoplasty", "The lead.", body))

    with browser.new_context(base_url=live_server.url, viewport={"width": 320, "height": 700}) as context:
        shown = context.new_page()
        for address in ("/procedures/kyphoplasty/", "/procedures/kyphoplasty/print/"):
            shown.goto(address)
            regions = shown.locator("[role=region].wide")

            assert shown.evaluate("document.documentElement.scrollWidth") == 320, address
            assert regions.count() == 3
            assert regions.first.evaluate("e => e.scrollWidth > e.clientWidth")
