"""Somebody of the desk looks for times on several days: what they ticked comes along, without a script."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.models import AppointmentStatus
from tests import make
from tests.journeys.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def inquiry(settings, live_server):
    settings.SITE_URL = live_server.url
    make.clinic()
    make.front_desk(username="ann")
    return make.inquiry(name="Petra Lang", message="After 3 p.m.", contact_by="email", email="petra@example.com")


@pytest.fixture
def page(browser, live_server, inquiry) -> Page:
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    sign_in(page, "ann")
    page.goto(f"/admin/appointments/inquiry/{inquiry.pk}/times/")
    yield page
    context.close()


def test_three_times_on_three_days_are_offered_in_one_go_on_the_phone(page, inquiry):
    make.practitioner()
    days = page.get_by_role("navigation", name="Days with free times")
    page.reload()
    page.get_by_label("From the day").fill((timezone.localdate() + timedelta(days=14)).isoformat())
    page.get_by_label("On the phone with them").check()
    page.get_by_role("button", name="Show").click()
    for _ in range(3):
        page.locator(".giving-times:not(.giving-chosen) input").first.check()
        days.locator("li:has([aria-current]) + li button").click()
    chosen = page.get_by_role("group", name="Chosen")
    expect(chosen.get_by_role("checkbox")).to_have_count(3)
    days.get_by_role("button", name="Later").click()
    page.locator(".giving-times:not(.giving-chosen) input").first.check()
    page.get_by_role("button", name="Show").click()
    expect(chosen.get_by_role("checkbox")).to_have_count(4)
    chosen.get_by_role("checkbox").nth(1).uncheck()
    days.get_by_role("button", name="Earlier").click()
    expect(chosen.get_by_role("checkbox")).to_have_count(3)
    expect(page.get_by_label("On the phone with them")).to_be_checked()
    assert page.url.partition("/admin/")[2] == f"appointments/inquiry/{inquiry.pk}/times/"

    page.get_by_role("button", name="Offer the ticked times").click()

    expect(page.locator(".messagelist")).to_contain_text("Petra Lang is offered")
    offered = list(inquiry.appointments.filter(status=AppointmentStatus.PROPOSED))
    assert len({timezone.localdate(each.starts_at) for each in offered}) == 3
    assert [call.outcome for call in inquiry.calls.all()] == ["reached"]


def test_who_has_a_time_is_shown_the_free_ones_of_its_day(page, inquiry):
    slots = make.slots(make.practitioner(), timezone.localdate() + timedelta(days=21))
    visit = appointments.give(inquiry=inquiry, slot=slots[0], by=Actor.staff(make.front_desk()))

    page.reload()

    shown = page.locator(".giving-days [aria-current]")
    expect(shown).to_contain_text(f"{timezone.localtime(visit.starts_at):%a}")
    expect(page.get_by_label("From the day")).to_have_value(timezone.localdate(visit.starts_at).isoformat())
