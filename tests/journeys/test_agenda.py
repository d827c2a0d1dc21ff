"""
The agenda at the desk: a visit moves while its patient is on the phone, and what that costs.

Given a patient whose desk is open, when they want another time, then three clicks and two loads of a page move it and
tell them; to find them by name costs seven keys and one load.
"""

import re
from datetime import datetime, time, timedelta
from itertools import product

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from appointments.models import Appointment, Call
from clinic.models import Clinic
from tests import make
from tests.journeys.hands import Hands
from tests.journeys.staff import sign_in
from tests.journeys.test_accessibility import AXE, CHANGE, violations

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def given() -> Appointment:
    """A visit in a week in which everything is to come."""
    zone = make.clinic().zone
    visit = make.visit_type("First visit")
    doctor = make.practitioner("Jane Doe, MD", visit=visit)
    make.practitioner("John Roe, MD", visit=visit, position=1)
    monday = timezone.now().astimezone(zone).date() + timedelta(days=7)
    monday -= timedelta(days=monday.weekday())
    begins = datetime.combine(monday + timedelta(days=8), time(10), zone)
    ends = begins + timedelta(minutes=30)
    sender = make.inquiry(name="Agnes Moreau", phone="212 555 0199")
    return Appointment.objects.create(
        inquiry=sender, practitioner=doctor, visit_type=visit, starts_at=begins, ends_at=ends, blocked_until=ends,
        status="booked",
    )  # fmt: skip


@pytest.fixture
def open_page(browser, live_server, settings, given):
    settings.SITE_URL = live_server.url
    make.front_desk(username="ann")
    contexts = []

    def go(*, with_script: bool = True, width: int = 1280) -> Page:
        context = browser.new_context(
            base_url=live_server.url, java_script_enabled=with_script, viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        sign_in(page, "ann")
        return page

    yield go
    for context in contexts:
        context.close()


def day_of(given: Appointment) -> str:
    return given.starts_at.astimezone(Clinic.current().zone).date().isoformat()


def test_a_visit_moves_with_its_patient_on_the_phone(open_page, given):
    page = open_page(with_script=False)
    page.goto("/admin/appointments/inquiry/")
    hands = Hands(page)
    page.get_by_label("Find a patient").focus()
    hands.type("Moreau")
    hands.press("Enter")
    expect(page.get_by_role("heading", name="Agnes Moreau")).to_be_visible()
    assert (hands.clicks, hands.keys, hands.loads) == (0, 7, 1)

    hands = Hands(page)
    hands.click(page.get_by_role("link", name="Move it"))
    hands.click(page.get_by_label("On the phone with them"))
    hands.click(page.get_by_role("button", name=re.compile(r"Move here 2\sp\.m\., Wed")))

    expect(page.locator(".messagelist")).to_contain_text("Agnes Moreau, Wed, ")
    expect(page.locator(".messagelist")).to_contain_text("They know.")
    print(
        f"moved: {hands.clicks} clicks, {hands.keys} keys, {hands.loads} loads, beside 7 keys and a load to find them"
    )
    assert (hands.clicks, hands.keys, hands.loads) == (3, 0, 2)
    moved = Appointment.objects.get()
    assert moved.starts_at - given.starts_at == timedelta(days=1, hours=4)
    assert Call.objects.get().outcome == "reached"
    assert f"/admin/appointments/inquiry/{given.inquiry_id}/change/" in page.url


def test_escape_leads_back_to_the_desk_without_moving(open_page, given):
    page = open_page()
    page.goto(f"/admin/agenda/{day_of(given)}/week/?move={given.pk}")
    page.keyboard.press("Escape")

    expect(page.get_by_role("heading", name="Agnes Moreau")).to_be_visible()
    assert Appointment.objects.get().version == 1


def test_arrived_is_one_press_and_its_sentence_stays_in_sight(open_page, given):
    zone = Clinic.current().zone
    midnight = datetime.combine(timezone.now().astimezone(zone).date(), time(), zone)
    today = midnight + timedelta(hours=20)
    Appointment.objects.update(starts_at=today, ends_at=today + timedelta(minutes=30),
                               blocked_until=today + timedelta(minutes=30))  # fmt: skip
    page = open_page(with_script=False)
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto("/admin/")
    page.get_by_role("link", name="Agenda").click()
    hands = Hands(page)

    page.get_by_role("button", name="Arrived: Agnes Moreau").scroll_into_view_if_needed()
    hands.click(page.get_by_role("button", name="Arrived: Agnes Moreau"))

    expect(page.get_by_role("button", name="Visit done: Agnes Moreau")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Undo")).to_be_in_viewport()
    assert (hands.clicks, hands.keys, hands.loads) == (1, 0, 1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Arrived: Agnes Moreau")).to_be_in_viewport()


def test_a_narrow_screen_has_a_list_of_one_practitioner(open_page, given):
    page = open_page(with_script=False, width=360)
    page.goto(f"/admin/agenda/{day_of(given)}/")
    visible = page.locator(".agenda-table td:visible")
    expect(visible).to_contain_text(["free 9–10 a.m.", "Agnes Moreau", "free 10:30 a.m.–5 p.m."])
    boxes = [each.bounding_box() for each in visible.all()]
    assert ({box["x"] for box in boxes}, min(box["width"] for box in boxes) > 280) == ({boxes[0]["x"]}, True)
    assert page.evaluate("document.documentElement.scrollWidth") == 360

    page.get_by_role("navigation", name="Whose day").get_by_role("link", name="John Roe, MD").click()

    expect(page.locator(".agenda-table td:visible")).to_contain_text(["free 9 a.m.–5 p.m."])
    expect(page.locator(".agenda-table thead th:visible")).to_have_text(re.compile("John Roe, MD"))


def test_it_keeps_the_rules_of_accessibility(open_page, given):
    page = open_page()
    day = day_of(given)
    for address in (f"{day}/", f"{day}/week/", f"{day}/week/?move={given.pk}"):
        page.goto(f"/admin/agenda/{address}")
        page.evaluate(AXE)
        for width, scheme in product((1280, 360), ("light", "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.evaluate(CHANGE, scheme)
            assert violations(page) == [], (address, width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") == width
