"""What a screen reader hears, and where an error leads: free times, an error, and what was booked."""

import re

import pytest
import time_machine
from playwright.sync_api import expect

from tests import make
from tests.patient import prove

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel("2026-11-23T17:00:00Z"):
        yield


@pytest.fixture
def page(browser, live_server):
    make.clinic(name="Linden Hill Spine Clinic", phone="(212) 555-0142", after_hours_phone="")
    make.practitioner("Tomás Rivera, MD", visit=make.visit_type("First visit", minutes=60, lead_hours=42))
    with browser.new_context(
        base_url=live_server.url, viewport={"width": 360, "height": 640}, java_script_enabled=False
    ) as context:
        yield context.new_page()


def test_free_times(page):
    page.goto("/appointments/times/")

    expect(page.locator("main")).to_match_aria_snapshot("""
        - heading "Choose a time" [level=1]
        - form "Have you been here before?": First visit, 60 minutes.
        - heading "The next free times" [level=2]
        - list "The next free times":
          - listitem:
            - button "Wednesday, November 25, 9 a.m. with Tomás Rivera, MD"
          - listitem:
            - button "Wednesday, November 25, 10 a.m. with Tomás Rivera, MD"
          - listitem:
            - button "Thursday, November 26, 9 a.m. with Tomás Rivera, MD"
        - paragraph:
          - strong: None of these?
          - link "Have us find a time for you"
          - text: ", or"
          - link "call (212) 555-0142"
        - heading "All free times" [level=2]
        - heading "Which day?" [level=3]
        - list "Which day?":
          - listitem:
            - 'button "Wednesday, November 25: 8 free times"'
          - listitem:
            - 'button "Thursday, November 26: 8 free times"'
        - navigation "More days":
          - link "Later days"
        - heading "Free times on Wednesday, November 25" [level=3]
        - paragraph: All times are New York time.
        - heading "Morning" [level=4]
        - list "Morning":
          - listitem:
            - button "9 a.m."
    """)


def test_an_error_and_its_way_to_the_field(page):
    page.goto("/appointments/times/")
    page.locator(".next-times button").first.click()
    first, second = re.findall(r"\d+", page.locator("label[for=id_sum]").inner_text())
    page.locator("#id_sum").fill("99")
    page.get_by_label("Your full name").fill("Rosa Lind")
    page.get_by_role("button", name="Book this time").click()

    expect(page).to_have_title(re.compile("^Error: Book this time"))
    expect(page.locator("#error-summary")).to_be_focused()
    wrong = f"99 is not {first} plus {second}. Try again, or check “I can’t answer this” below it, and we will check"
    expect(page.locator("main")).to_match_aria_snapshot(f"""
        - alert:
          - heading "There is a problem" [level=2]
          - list:
            - listitem:
              - link "Enter a phone number so we can call you"
            - listitem:
              - link "Confirm that you understand this form is not for emergencies"
            - listitem:
              - link "{wrong} your message by hand."
        - heading "Book this time" [level=1]
        - region "The time that you chose":
          - paragraph:
            - time: Wed, November 25, 9 a.m.
          - paragraph:
            - text: with Tomás Rivera, MD
            - link "Change"
        - text: Your full name
        - textbox "Your full name": Rosa Lind
    """)

    for name, field in ((wrong, "sum"), ("Enter a phone number", "phone")):
        page.get_by_role("link", name=name).click()
        expect(page.locator(f"#id_{field}")).to_be_focused()
        for part in (f"label[for=id_{field}]", f"#id_{field}_helptext", f"#id_{field}_error", f"#id_{field}"):
            expect(page.locator(part)).to_be_in_viewport(ratio=1)


def test_what_was_booked(page):
    inquiry = make.appointment(status="booked").inquiry
    prove(page.context, inquiry.own_page_url())
    page.goto(inquiry.own_page_url())

    expect(page).to_have_title(re.compile("^Your appointment is booked"))
    expect(page.locator("main")).to_match_aria_snapshot(f"""
        - heading "Your appointment is booked" [level=1]
        - region "Your appointment":
          - heading "Your appointment" [level=2]
          - paragraph:
            - time: Tue, November 24 noon
            - text: New York time
        - heading "What happens next" [level=2]
        - list:
          - listitem: Your appointment is booked.
          - listitem: If you can’t come, move it or cancel it here, or call us.
          - listitem: "You come to us: Tuesday, November 24, noon."
        - list:
          - listitem:
            - link "Add it to your calendar"
          - listitem:
            - link "Print an appointment card"
          - listitem:
            - link "Move this appointment"
          - listitem:
            - link "Cancel this appointment"
          - listitem:
            - button "Tell me if an earlier time becomes free"
        - heading "Your reference" [level=2]
        - paragraph: "{inquiry.shown_reference}"
    """)
