"""
How patients get times, without a script.

Given practitioners whose times are online, when somebody picks one and fills in the form, then the time is held, the
front desk confirms it, and the patient moves and cancels it; when two want the same time, the second one is offered
others and loses nothing of what was typed; when the front desk offers times, one is taken and the rest are free.
"""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import expect

from appointments.actors import Actor
from appointments.bookings import appointments, statuses
from appointments.models import Inquiry
from tests import make
from tests.journeys.staff import sign_in
from tests.patient import prove

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def monday_noon():
    """Late in the day few times are left, and a browser knows nothing of our clock: it goes on from here."""
    with time_machine.travel("2026-11-23T17:00:00Z"):
        yield


@pytest.fixture
def doctor():
    make.clinic(address="4 Linden Road\nNew York", late_policy="Please call us the next time.")
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit", booked_at_once=False, lead_hours=30))


@pytest.fixture
def pages(browser, live_server):
    opened = [browser.new_page(base_url=live_server.url, java_script_enabled=False) for _ in range(2)]
    yield opened
    for page in opened:
        page.close()


def fill_in(page, name: str) -> None:
    page.get_by_label("Your full name", exact=True).fill(name)
    page.get_by_label("Phone number", exact=True).fill("(212) 555-0123")
    page.get_by_label("I understand this form is not for emergencies").check()
    first, second = re.findall(r"\d+", page.locator("label[for=id_sum]").inner_text())
    page.locator("#id_sum").fill(str(int(first) + int(second)))


def test_from_a_free_time_to_the_visit_moved_and_cancelled(pages, doctor):
    patient, desk = pages
    make.front_desk(username="ann")
    patient.goto("/appointments/")
    patient.get_by_role("link", name="See free times").click()
    # Of the first day there may be only its last times left.
    patient.get_by_role("link", name="Later days").click()
    patient.locator(".times button").nth(2).click()
    expect(patient.locator("h1")).to_have_text("Book this time")
    fill_in(patient, "Rosa Lind")
    patient.get_by_role("button", name="Book this time").click()
    expect(patient.locator("h1")).to_have_text("Your appointment is held, not confirmed yet")
    expect(patient.locator("main")).to_contain_text("It is not confirmed yet.")

    sign_in(desk, "ann")
    desk.goto("/admin/")
    desk.get_by_role("link", name="Times to confirm: 1").click()
    desk.get_by_role("link", name="Rosa Lind").click()
    desk.get_by_role("button", name="Confirm this time").click()
    expect(desk.locator(".history")).to_contain_text("Held, not confirmed yet → Booked")

    patient.reload()
    expect(patient.locator("h1")).to_have_text("Your appointment is booked")
    before = patient.locator(".when").inner_text()
    patient.get_by_role("link", name="Move this appointment").click()
    patient.get_by_role("link", name="Later days").click()
    patient.locator(".times button").first.click()
    patient.get_by_role("button", name="Move to this time").click()
    expect(patient.locator(".when")).not_to_have_text(before)
    expect(patient.locator("main")).to_contain_text("Held, not confirmed yet")

    patient.get_by_role("link", name="Cancel this appointment").click()
    patient.get_by_role("button", name="Yes, cancel it").click()
    expect(patient.locator("main")).to_contain_text("Your appointment is canceled")
    patient.get_by_role("link", name="Choose a new time").click()
    expect(patient.locator("h1")).to_have_text("Choose a time")


def test_two_want_one_time_and_nothing_typed_is_lost(pages, doctor):
    first, second = pages
    for page in pages:
        page.goto("/appointments/times/")
        page.locator(".times button").first.click()
    fill_in(first, "Rosa Lind")
    fill_in(second, "Ida Berg")
    second.get_by_text("For someone else, another language").click()
    second.get_by_label("Your message").fill("I come with my sister.")
    first.get_by_role("button", name="Book this time").click()
    expect(first.locator("h1")).to_have_text("Your appointment is held, not confirmed yet")
    second.get_by_role("button", name="Book this time").click()

    expect(second.get_by_role("alert")).to_contain_text("Someone else just took that time.")
    assert Inquiry.objects.get(name="Ida Berg").message == "I come with my sister."
    second.locator(".times button").first.click()
    second.get_by_role("button", name="Take this time").click()
    expect(second.locator("h1")).to_have_text("Your appointment is held, not confirmed yet")
    assert first.locator(".when").inner_text() != second.locator(".when").inner_text()


def test_the_front_desk_offers_times_and_the_patient_takes_one(pages, doctor):
    patient, desk = pages
    make.front_desk(username="ann")
    inquiry = make.inquiry(name="Rosa Lind")
    sign_in(desk, "ann")
    desk.goto("/admin/")
    desk.get_by_role("link", name="Rosa Lind").click()
    desk.get_by_role("link", name="Give or offer times").click()
    tomorrow = timezone.localdate() + timedelta(days=3)
    desk.get_by_label("From the day").fill(tomorrow.isoformat())
    desk.get_by_role("button", name="Show").click()
    expect(desk.get_by_role("group", name=f"Free on {date_format(tomorrow, 'l, N j')}")).to_be_visible()
    for place in range(3):
        desk.locator("[name=slot]").nth(place).check()
    until = timezone.localtime() + timedelta(hours=20)
    desk.get_by_role("textbox", name="Day").first.fill(f"{until:%Y-%m-%d}")
    desk.get_by_role("textbox", name="Time").first.fill(f"{until:%H:%M}")
    desk.get_by_role("button", name="Offer the ticked times").click()
    expect(desk.locator("body")).to_contain_text("is offered")

    prove(patient.context, inquiry.own_page_url())
    patient.goto(inquiry.own_page_url())
    expect(patient.locator("main")).to_contain_text("We have times for you")
    patient.locator(".proposals button").nth(1).click()
    expect(patient.locator("h1")).to_have_text("Your appointment is booked")
    assert inquiry.appointments.live().count() == 1
    assert inquiry.appointments.filter(status="cancelled").count() == 2


def test_whoever_wants_to_come_earlier_is_asked_when_a_time_becomes_free(pages, doctor):
    patient, desk = pages
    make.front_desk(username="ann")
    ann = Actor.staff(make.front_desk())
    day = timezone.localdate() + timedelta(days=4)
    soon, late = make.slots(doctor, day)[0], make.slots(doctor, day)[9]
    other = appointments.give(inquiry=make.inquiry(), slot=soon, by=ann)
    inquiry = make.inquiry(name="Rosa Lind")
    appointments.give(inquiry=inquiry, slot=late, by=ann)
    prove(patient.context, inquiry.own_page_url())
    patient.goto(inquiry.own_page_url())
    patient.get_by_role("button", name="Tell me if an earlier time becomes free").click()
    expect(patient.locator("main")).to_contain_text("We will tell you if an earlier time opens up.")
    statuses.cancel(appointment=other, by=Actor.visitor())

    sign_in(desk, "ann")
    desk.goto("/admin/")
    desk.get_by_role("link", name="Earlier times that somebody wants: 1").click()
    desk.get_by_role("button", name="Rosa Lind").click()
    expect(desk.locator("body")).to_contain_text("Please call them: no mail tells them.")

    patient.reload()
    patient.locator(".proposals button").first.click()
    expect(patient.locator("h1")).to_have_text("Your appointment is booked")
    assert inquiry.appointments.live().get().slot == soon
