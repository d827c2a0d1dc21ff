"""
The waiting list, without a script and on a phone's screen.

Given somebody who asked for an appointment and finds no time, when they say on their page what suits them and the
clinic adds a session, then the front desk sees who fits and offers it while they are on the phone; when they decline,
the site offers the next time by itself, and they take it.
"""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from appointments.bookings import freed_offers
from appointments.models import AppointmentStatus, Email
from clinic.models import Clinic
from tests import make
from tests.journeys.staff import sign_in
from tests.patient import prove

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel("2026-11-23T17:00:00Z") as clock:
        yield clock


def test_from_no_time_to_one_that_was_added(browser, live_server, monday_noon):
    make.clinic(address="4 Linden Road\nNew York")
    doctor = make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))
    make.front_desk(username="ann")
    inquiry = make.inquiry(name="Rosa Lind", contact_by="email", email="rosa@example.com")
    phone = {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False}
    patient = browser.new_page(base_url=live_server.url, **phone)
    desk = browser.new_page(base_url=live_server.url, java_script_enabled=False)
    prove(patient.context, inquiry.own_page_url())

    patient.goto(inquiry.own_page_url())
    patient.get_by_role("link", name="Join the waiting list").click()
    patient.get_by_label("Friday afternoon").check()
    patient.get_by_role("button", name="Put me on the list").click()
    expect(patient.get_by_role("status")).to_contain_text("You are on our waiting list.")
    expect(patient.locator(".waits")).to_contain_text("Friday afternoon")

    friday = timezone.localdate() + timedelta(days=4)
    doctor.working_hours.create(
        weekday=4, opens="17:30", closes="18:30", valid_from=friday, valid_until=friday
    )  # fmt: skip
    sign_in(desk, "ann")
    desk.goto("/admin/")
    desk.get_by_role("link", name="Earlier times that somebody wants: 2").click()
    desk.get_by_label("On the phone with them").check()
    desk.get_by_role("button", name="Rosa Lind, Fri, Nov. 27, 5:30 p.m.").click()
    expect(desk.locator(".messagelist")).to_contain_text("is held for them until Mon, Nov. 23")
    expect(desk.locator(".messagelist")).to_contain_text("They know.")
    assert not Email.objects.filter(kind="offered").exists()

    patient.goto(inquiry.own_page_url())
    patient.get_by_role("button", name="None of these").click()
    expect(patient.locator("main")).to_contain_text("You have turned these times down.")
    expect(patient.locator(".waits")).to_contain_text("you keep your place on the list for other times")

    Clinic.objects.update(offers_freed_times=True)
    monday_noon.shift(timedelta(hours=25))
    freed_offers.offer_what_became_free()
    assert Email.objects.filter(kind="offered").count() == 1

    prove(patient.context, inquiry.own_page_url())
    patient.goto(inquiry.own_page_url())
    patient.locator(".proposals button").first.click()
    expect(patient.locator("h1")).to_have_text("Your appointment is booked")
    expect(patient.locator(".waits")).to_have_count(0)
    given = inquiry.appointments.live().get()
    assert (given.status, timezone.localtime(given.starts_at, Clinic.current().zone).hour) == (
        AppointmentStatus.BOOKED,
        18,
    )
