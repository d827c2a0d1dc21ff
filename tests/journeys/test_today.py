"""
The morning at the desk, on the first page.

Given somebody who lost their time, a visitor who writes and a full day, when the front desk opens the first page, then
the next thing to do stands on top, each press is one load, and the day comes out on paper with nothing cut.
"""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from appointments.actors import Actor
from appointments.bookings import statuses
from appointments.models import Appointment, DayNote
from clinic.models import Clinic, StaffSession
from tests import make
from tests.journeys.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Maximiliana Theodosia Featherstonehaugh-Cholmondeley de la Vega y Montgomery-Massingberd"


@pytest.fixture(autouse=True)
def nine_in_the_morning():
    """Of this very day: browsers have their own clock."""
    make.clinic()
    morning = timezone.now().astimezone(Clinic.current().zone).replace(hour=9, minute=0, second=0)
    with time_machine.travel(morning) as clock:
        yield clock


@pytest.fixture
def day():
    """Two practitioners, one of them with more visits than fit a page, and somebody whose time was taken away."""
    now, ann = timezone.now(), Actor.staff(make.front_desk(username="ann", first_name="Ann", last_name="Reyes"))
    first, check = make.visit_type("First visit"), make.visit_type("Check-up after a procedure")
    osei, rivera = make.practitioner("Kwame Osei, MD", visit=first), make.practitioner("Ana Rivera, DO", visit=check)

    def visit(doctor, minutes: int, **fields) -> Appointment:
        about = {"practitioner": doctor, "visit_type": doctor.schedules.get().visit_type}
        sender = make.inquiry(sent=timedelta(hours=30), **fields)
        sender.__class__.objects.filter(pk=sender.pk).update(status="closed", answered_at=now)
        return make.appointment(sender, (now + timedelta(minutes=minutes)).isoformat(), **about)

    here = visit(rivera, -40, name="Samuel Okonkwo-Hart", spoken_language="es")
    statuses.change_status(appointment=here, to="arrived", by=ann)
    visit(rivera, -5, name="Agnes Moreau", seen_before="no")
    for number in range(22):
        visit(osei, 90 + number * 31, name=f"{LONG} {number}", patient_name=f"{LONG} Jr.", reach_note="Rings long " * 9)
    lost = visit(osei, 58, name="Walter O’Shaughnessy", phone="212 555 0119", reach_note="no voicemail")
    Appointment.objects.filter(pk=lost.pk).update(displaced_at=now)
    make.inquiry(name="Harold Finch-Oyelaran", sent=timedelta(days=9), reach_note="Let it ring")
    make.inquiry(name="Cleo Frost", message="How long until I can carry my shopping again?", kind="question")
    DayNote.objects.write(day=timezone.localdate(), words="Dr. Osei leaves at 3 p.m.", by=ann.user, was="")
    return lost


@pytest.fixture
def page(browser, live_server, settings, day) -> Page:
    settings.SITE_URL = live_server.url
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page, "ann")
    page.goto("/admin/")
    yield page
    context.close()


def button(page: Page, words: str, who: str):
    return page.get_by_role("button", name=re.compile(f"^{words} ?: {who}"))


def test_the_next_thing_stands_on_the_first_screen_and_each_press_is_one_load(page, day):
    loads = []
    page.on("request", lambda asked: loads.append(asked.method) if asked.is_navigation_request() else None)
    for each in (
        button(page, "Reached", "Walter"),
        page.get_by_text("NOT TOLD"),
        page.get_by_role("link", name="Harold Finch-Oyelaran").first,
        button(page, "Visit done", "Samuel"),
        button(page, "Arrived", "Agnes"),
        button(page, "Did not come", "Agnes"),
        page.get_by_role("link", name="Cleo Frost"),
        page.get_by_text("Dr. Osei leaves at 3 p.m."),
    ):
        box = each.bounding_box()
        assert box["y"] + box["height"] <= 900

    button(page, "Arrived", "Agnes").click()
    expect(page.locator(".messagelist")).to_contain_text("Agnes Moreau")
    expect(page.locator(".messagelist")).to_contain_text("arrived.")
    page.get_by_role("button", name="Undo").click()
    expect(button(page, "Arrived", "Agnes")).to_be_visible()
    button(page, "Reached", "Walter").click()
    expect(page.locator(".messagelist")).to_contain_text("Walter O’Shaughnessy: reached.")
    expect(page.get_by_text("NOT TOLD")).to_have_count(0)
    assert loads == ["POST", "GET"] * 3


def test_who_writes_meanwhile_is_a_number_and_nothing_moves(page, browser, live_server):
    page.clock.install()
    page.goto("/admin/")
    make.inquiry(name="New Nunn")

    with page.expect_response("**/admin/waiting/**"):
        page.clock.fast_forward(60_000)

    expect(page.get_by_role("status").get_by_role("link")).to_have_text(
        re.compile(r"^1 new since 9(:\d\d)? a\.m\.: show$")
    )
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    expect(page.get_by_text("New Nunn")).to_have_count(0)
    page.get_by_role("status").get_by_role("link").click()
    expect(page.get_by_text("New Nunn")).to_have_count(1)


def test_a_page_that_is_left_open_for_16_minutes_is_signed_out(page, nine_in_the_morning):
    page.clock.install()
    page.goto("/admin/")
    for _minute in range(16):
        nine_in_the_morning.shift(60)
        with page.expect_response("**/admin/waiting/**"):
            page.clock.fast_forward(60_000)

    assert StaffSession.objects.get().ended_at is not None
    page.reload()
    expect(page.get_by_label("Password")).to_be_visible()


def test_the_note_of_the_day_is_changed_without_a_script(page):
    page.get_by_text("Change the note for today").click()
    page.get_by_label("For everybody at the desk").fill("Dr. Osei leaves at 4 p.m.")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Dr. Osei leaves at 4 p.m. (Ann Reyes)")).to_be_visible()


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page[^s]", pdf))


def test_the_day_comes_out_on_paper_a_page_for_each_practitioner_with_nothing_cut(page):
    page.get_by_role("link", name="Print today").click()
    expect(page.locator(".day-sheet")).to_have_count(2)
    page.wait_for_load_state()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 960, "height": 700})

    cut = page.locator(".day-list :is(td, th)").evaluate_all(
        "all => all.filter(at => at.scrollWidth > at.clientWidth + 1 || at.scrollHeight > at.clientHeight + 1)"
        ".map(at => at.textContent)"
    )
    wide = page.evaluate("document.documentElement.scrollWidth")
    pdf = page.pdf(prefer_css_page_size=True)

    assert cut == []
    assert wide <= 960
    assert pages_of(pdf) > 2
    sizes = {tuple(map(float, found)) for found in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)}
    assert sizes == {(792, 612)}
