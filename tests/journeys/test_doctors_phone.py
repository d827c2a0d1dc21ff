"""
A doctor's phone: their day, a question of the front desk, a sign-off, and what an illness costs at the desk.

Given a doctor with visits today, when the desk asks them something, then they answer on a screen of 360 pixels, and the
desk sends the answer. When the doctor is ill, the desk closes the day and tells everybody with three clicks and no key.
"""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from appointments.models import AppointmentStatus, Closure, DoctorQuestion, Email, Message
from tests import make
from tests.journeys.hands import Hands
from tests.journeys.staff import sign_in
from tests.journeys.test_accessibility import AXE, CHANGE, violations

pytestmark = pytest.mark.django_db(transaction=True)

PHONE, SCREEN = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands on this phone, in both themes."""
    page.evaluate(AXE)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(CHANGE, scheme)
        found += [f"{scheme}: {each}" for each in violations(page)]
    return found


@pytest.fixture
def doctor():
    make.clinic()
    doctor = make.doctor("Amara Osei, MD")
    make.front_desk(username="ann", first_name="Ann", last_name="Reyes")
    return doctor


@pytest.fixture
def signed_in(browser, live_server, settings):
    settings.SITE_URL = live_server.url
    contexts = []

    def signed_in(username: str, viewport: dict, **options) -> Page:
        context = browser.new_context(base_url=live_server.url, viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        sign_in(page, username)
        page.goto("/admin/")
        return page

    yield signed_in
    for context in contexts:
        context.close()


def visit_in(doctor, hours: float, **sender) -> None:
    starts_at = (timezone.now() + timedelta(hours=hours)).isoformat()
    make.appointment(make.inquiry(**sender), starts_at, practitioner=doctor)


def test_a_question_goes_to_the_doctors_phone_and_its_answer_to_the_patient(signed_in, doctor):
    rosa = make.inquiry(
        name="Rosa Lind", kind="question", message="When can I garden again?", contact_by="email",
        email="rosa@example.com",
    )  # fmt: skip
    desk = signed_in("ann", SCREEN, java_script_enabled=False)
    desk.goto(f"/admin/appointments/inquiry/{rosa.pk}/change/")
    desk.get_by_label("Note for the doctor").fill("She gardens a lot.")
    desk.get_by_role("button", name="Ask the doctor").click()
    expect(desk.locator(".messagelist")).to_contain_text("Rosa Lind: Amara Osei, MD is asked.")

    phone = signed_in(doctor.account.username, PHONE)
    phone.get_by_role("link", name="Your day").click()
    phone.get_by_role("link", name="Rosa Lind").click()
    expect(phone.locator("#content")).to_contain_text("She gardens a lot.")
    assert faults(phone) == []
    phone.get_by_label("Your answer").fill("In six weeks.")
    phone.get_by_role("button", name="Give back").click()
    expect(phone.locator(".messagelist")).to_contain_text("Rosa Lind: given back.")

    desk.reload()
    expect(desk.get_by_label("Your answer")).to_have_value("In six weeks.")
    assert not Message.objects.exists()
    desk.get_by_role("button", name="Send the answer").click()
    expect(desk.locator(".messagelist")).to_be_visible()
    assert Message.objects.get().words == "In six weeks."
    assert DoctorQuestion.objects.get().answered_by == doctor.account


def test_day_and_sign_off_are_read_without_scrolling_sideways(signed_in, doctor):
    make.procedure()
    visit_in(doctor, 0.1, name="Agnes Moreau", reach_note="low voice")
    phone = signed_in(doctor.account.username, PHONE)
    phone.goto("/admin/appointments/doctorquestion/")
    assert faults(phone) == []

    phone.get_by_role("region", name="To sign").get_by_role("link").first.click()

    table = phone.locator(".beside-facts")
    expect(table).to_be_visible()
    phone.wait_for_load_state()
    assert table.evaluate("table => table.parentElement.scrollWidth <= table.parentElement.clientWidth")
    sentence, fact = (table.locator("tbody tr").first.locator("td").nth(n).bounding_box() for n in (0, 1))
    assert fact["y"] >= sentence["y"] + sentence["height"]
    assert fact["x"] + fact["width"] <= 360
    assert faults(phone) == []


def test_the_doctor_is_ill_and_all_are_told_in_three_clicks(signed_in, doctor):
    tomorrow = timezone.localtime(timezone.now(), make.clinic().zone).replace(hour=0, minute=5) + timedelta(days=1)
    hours = (tomorrow - timezone.now()) / timedelta(hours=1)
    # Before midnight, whenever the test runs: a visit that has not begun, or one that goes on.
    visit_in(doctor, min(4, max(hours - 1, 0.01)), name="Mia Mail", contact_by="email", email="mia@example.com")
    page = signed_in("ann", SCREEN, java_script_enabled=False)
    hands = Hands(page)

    hands.click(page.locator(".close-menu summary"))
    hands.click(page.get_by_role("button", name="Amara Osei, MD today"))
    hands.click(page.get_by_role("button", name="Save, and tell them now"))

    expect(page.locator("#error-summary")).to_contain_text("1 patient is on the list of displaced patients now.")
    print(f"doctor ill, all told: {hands.clicks} clicks, {hands.keys} keys, {hands.loads} loads")
    assert (hands.clicks, hands.keys, hands.loads) == (3, 0, 2)
    assert Closure.objects.get().entered_by.username == "ann"
    told = doctor.appointments.get(status=AppointmentStatus.BOOKED).inquiry
    assert Email.objects.filter(inquiry=told, kind="displaced").exists() or told.call_tasks.exists()
