"""
A whole morning at the desk, counted.

Given what waits on an ordinary day, when the front desk works through it from the first page, then no task takes more
clicks, keys (without an answer's own words) or loaded pages than it may, and no page that it touches breaks a rule of
accessibility. `pytest -s` prints what each took.
"""

import re
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from appointments.models import Appointment, AppointmentStatus, Call, Closure, Inquiry, Message
from clinic.models import Clinic
from tests import make
from tests.journeys.hands import Hands
from tests.journeys.test_accessibility import AXE, violations

pytestmark = pytest.mark.django_db(transaction=True)

BY_MAIL = {"contact_by": "email"}


@pytest.fixture(autouse=True)
def two_minutes_past_nine():
    """Of this very day: browsers have their own clock."""
    make.clinic()
    morning = timezone.now().astimezone(Clinic.current().zone).replace(hour=9, minute=2, second=0)
    with time_machine.travel(morning):
        yield


def visit(doctor, starts_at: datetime, status: str = "booked", **fields) -> Appointment:
    """A visit of somebody who waits for nothing, unless it has to be confirmed."""
    sender = make.inquiry(sent=timedelta(hours=20), **fields)
    about = {"practitioner": doctor, "visit_type": doctor.schedules.get().visit_type, "status": status}
    if status != "pending":
        Inquiry.objects.filter(pk=sender.pk).update(status="closed", answered_at=timezone.now())
    return make.appointment(sender, starts_at.isoformat(), **about)


@pytest.fixture
def morning() -> None:
    """What waits, who comes today, and who will call."""
    now = timezone.now()
    first = make.visit_type("First visit", follows_others=False)  # Any three of them can be offered.
    osei, rivera = (make.practitioner(name, visit=first) for name in ("Kwame Osei, MD", "Ana Rivera, DO"))
    make.front_desk(username="ann", first_name="Ann", last_name="Reyes")
    make.inquiry(name="Harold Finch", sent=timedelta(days=9), phone="212 555 0117", email="h@example.com", **BY_MAIL)
    make.inquiry(name="Rosa Lind", sent=timedelta(hours=30), seen_before="no", email="rosa@example.com", **BY_MAIL)
    make.inquiry(name="Cleo Frost", sent=timedelta(hours=20), email="cleo@example.com", **BY_MAIL)
    monday = timezone.localdate(now) + timedelta(days=14 - timezone.localdate(now).weekday())
    in_two_weeks = datetime.combine(monday + timedelta(days=1), time(10), Clinic.current().zone)
    visit(rivera, in_two_weeks, "pending", name="Leonard Whitcomb", email="leo@example.com", **BY_MAIL)
    visit(rivera, in_two_weeks + timedelta(hours=1), name="Walter Shaughnessy", phone="212 555 0188")
    visit(rivera, in_two_weeks + timedelta(hours=2), name="Mia Garcia", phone="212 555 0166")
    visit(rivera, now + timedelta(minutes=28), name="Samuel Okonkwo")
    visit(rivera, now - timedelta(minutes=32), name="Bo Ray")
    visit(osei, now + timedelta(hours=2), name="Ida Lund", phone="212 555 0141")
    for number in range(10):
        make.inquiry(name=f"Cheap Pills {number}", sent=timedelta(minutes=number))


@pytest.fixture
def page(browser, live_server, settings, morning) -> Page:
    settings.SITE_URL = live_server.url
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto("/admin/")
    yield page
    context.close()


class Looked:
    """Each page that is touched, by its address without numbers, and what is wrong with it."""

    def __init__(self, page: Page):
        self.page, self.faults = page, {}

    def at(self) -> None:
        """The page as it stands, the first time that one of its kind is there."""
        address = re.sub(r"\d+(-\d+)*", "N", urlsplit(self.page.url).path)
        if address not in self.faults:
            self.page.wait_for_load_state()
            self.page.evaluate(AXE)
            self.faults[address] = violations(self.page)


def button(page: Page, words: str, who: str = "") -> Locator:
    return page.get_by_role("button", name=re.compile(f"^{words} ?: {who}" if who else f"^{words}$"))


def test_the_whole_morning_costs_no_more_than_it_may(page):
    hands, looked = Hands(page), Looked(page)
    said = page.locator(".messagelist")
    today = page.locator(".today-head")

    def go_home() -> None:
        page.goto("/admin/")
        expect(today).to_be_visible()

    with hands.task("1 sign in", (0, 27, 1)):
        expect(page.get_by_label("Username")).to_be_focused()
        hands.type("ann")
        hands.press("Tab")
        hands.type("correct horse battery")
        hands.press("Enter")
        expect(today).to_be_visible()
    looked.at()

    with hands.task("2 take the late one (answering takes it)", (1, 0, 1)):
        hands.click(page.get_by_role("link", name="Harold Finch", exact=True))
        expect(page.locator("h1", has_text="Harold Finch")).to_be_visible()
    looked.at()

    with hands.task("3 voicemail, logged", (1, 0, 1)):
        hands.click(button(page.locator(".called"), "Left a voicemail"))
        expect(said).to_contain_text("Harold Finch: voicemail left.")

    # One key more than the goal: a.m. or p.m.
    with hands.task("4 call back at 10:30", (2, 4, 1), limit=(2, 5, 1)):
        hands.click(page.locator("#id_call_back_at_1"))
        hands.type("1030A")
        hands.click(button(page, "Save the call"))
        expect(said).to_contain_text("to be called back")
    assert set(Call.objects.values_list("outcome", flat=True)) == {"voicemail", "call_back"}

    with hands.task("5 answer in writing, and be at the next", (2, 0, 2)):
        hands.click(page.get_by_label("Your answer"))
        page.keyboard.type("Please come on Monday.")  # The answers' own words are not counted.
        hands.click(button(page, "Send, and open the next"))
        expect(page.locator("h1", has_text="Rosa Lind")).to_be_visible()
    expect(said).to_contain_text("Harold Finch: your answer stands on their page.")
    assert Message.objects.get().inquiry.assigned_to.username == "ann"

    go_home()
    with hands.task("6 confirm a held time", (1, 0, 1)):
        hands.click(button(page, "Confirm this time", "Leonard Whitcomb"))
        expect(said).to_contain_text("Leonard Whitcomb, ")
    expect(said).to_contain_text("They hear of it in two minutes.")

    with hands.task("7 new caller gets a time", (0, 35, 2)):
        hands.access_key("n")
        expect(page.get_by_label("Caller’s name")).to_be_focused()
        hands.type("Agnes Moreau")
        hands.press("Tab")
        hands.type("2125550199")
        hands.press("Enter")
        expect(page.get_by_role("group", name="Free").get_by_role("radio").first).to_be_focused()
        looked.at()
        hands.press("Enter")
        expect(said).to_contain_text("Agnes Moreau, ")
    expect(said).to_contain_text("given. They know.")

    page.get_by_role("link", name="Rosa Lind", exact=True).click()
    with hands.task("8 time for who wrote", (3, 0, 2)):
        hands.click(page.get_by_role("link", name="Give or offer times"))
        hands.click(page.locator(".giving-times input").first)
        hands.click(button(page, "Give the ticked time"))
        expect(said).to_contain_text("Rosa Lind, ")

    page.goto(f"/admin/appointments/inquiry/{Inquiry.objects.get(name='Cleo Frost').pk}/change/")
    with hands.task("9 offer three times of a day", (6, 0, 2)):
        hands.click(page.get_by_role("link", name="Give or offer times"))
        looked.at()
        for place in range(3):
            hands.click(page.locator(".giving-times input").nth(place))
        hands.click(button(page, "Offer the ticked times"))
        expect(said).to_contain_text("Cleo Frost is offered ")
    assert Appointment.objects.filter(status=AppointmentStatus.PROPOSED).count() == 3

    go_home()
    with hands.task("10 move, patient on the phone", (3, 7, 3)):
        hands.press("/")
        hands.type("0188")
        hands.press("Enter")
        expect(page.locator("h1", has_text="Walter Shaughnessy")).to_be_visible()
        hands.click(page.get_by_role("link", name="Move it"))
        looked.at()
        hands.click(page.get_by_label("On the phone with them"))
        hands.click(button(page, r"Move here 2\sp\.m\., Wed.*"))
        expect(said).to_contain_text("Walter Shaughnessy, Wed, ")
    expect(said).to_contain_text("They know.")

    go_home()
    with hands.task("11 cancel, patient on the phone", (2, 7, 2)):
        hands.press("/")
        hands.type("0166")
        hands.press("Enter")
        hands.click(page.get_by_label("On the phone with them"))
        hands.click(button(page, "Cancel: the patient can’t come"))
        expect(said).to_contain_text("Mia Garcia, ")
    expect(said).to_contain_text("canceled. They know.")

    go_home()
    for words, who, then in (
        ("Arrived", "Samuel Okonkwo", "arrived."), ("Visit done", "Samuel Okonkwo", "visit done."),
        ("Did not come", "Bo Ray", "did not come."),
    ):  # fmt: skip
        with hands.task(f"12 {words.lower()}", (1, 0, 1)):
            hands.click(button(page, words, who))
            expect(said).to_contain_text(then)

    go_home()
    with hands.task("13 overbook", (4, 20, 2)):
        hands.access_key("n")
        page.keyboard.type("Otis Pell")
        hands.press("Tab")
        page.keyboard.type("2125550133")
        hands.press("Enter")
        hands.choose(page.get_by_label("With", exact=True), "Ana Rivera, DO")
        hands.click(page.get_by_label("Day", exact=True))
        hands.type(f"{timezone.localtime() + timedelta(days=2):%m%d%Y}")
        hands.press("Tab", "Tab")
        hands.type("0500A")
        hands.click(page.get_by_label("Why it is overbooked"))
        page.keyboard.type("In great pain")
        hands.press("Enter")
        expect(said).to_contain_text("Otis Pell, ")
    assert Appointment.objects.get(overbooked=True).overbook_reason == "In great pain"

    go_home()
    with hands.task("14 doctor ill, all told", (4, 0, 2)):
        hands.click(page.locator(".close-menu summary"))
        hands.click(button(page, "Kwame Osei, MD today"))
        expect(page.get_by_role("heading", name=re.compile("This takes the time"))).to_be_visible()
        looked.at()
        hands.click(button(page, "Save, and tell (them|these \\d+) now"))
        expect(page.locator("#error-summary")).to_contain_text("on the list of displaced patients now.")
    assert Closure.objects.get().entered_by.username == "ann"
    expect(page.locator(".today-now")).to_contain_text("Ida Lund")

    with hands.task("15 print the day", (1, 0, 1)):
        hands.click(page.get_by_role("link", name="Print today"))
        expect(page.locator(".day-list")).to_be_visible()
    looked.at()

    go_home()
    with hands.task("spam, 10 of them", (12, 0, 2)):
        hands.click(page.get_by_role("link", name=re.compile("inquiries wait for us")))
        expect(button(page, "Spam: mark what is ticked")).to_be_visible()
        looked.at()
        for box in page.get_by_role("checkbox", name=re.compile("^Tick Cheap Pills")).all():
            hands.click(box)
        hands.click(button(page, "Spam: mark what is ticked"))
        expect(said).to_contain_text("Cheap Pills")
    assert Inquiry.objects.spam().count() == 10

    go_home()
    with hands.task("find a caller", (0, 7, 2)):
        hands.press("/")
        hands.type("0199")
        hands.press("Enter")
        expect(page.locator("h1", has_text="Agnes Moreau")).to_be_visible()

    print(f"\n{hands.table()}")
    assert hands.over() == []
    assert {address: faults for address, faults in looked.faults.items() if faults} == {}
