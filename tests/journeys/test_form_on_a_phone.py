"""How far it is to the form's first field and to its button on a phone of 360 px, in pixels."""

import pytest
from django.core.management import call_command

from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(browser, live_server):
    call_command("load_content", verbosity=0)
    clinic = make.clinic(name="Linden Hill Spine Clinic")
    for weekday in range(5):
        clinic.opening_hours.create(weekday=weekday, opens="08:30", closes="17:00")
    with browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 780}) as context:
        yield context.new_page()


def box(page, selector: str) -> dict[str, float]:
    page.wait_for_load_state()  # With its style sheet.
    return page.locator(selector).first.bounding_box()


def test_the_first_control_of_the_plain_form_stands_near_the_pages_title(phone):
    make.practitioner("Tomás Rivera, MD", visit=make.visit_type(lead_hours=48))
    phone.goto("/appointments/")

    title, control, emergency = (box(phone, each) for each in ("h1", "#id_kind_0", "main .emergency"))

    assert control["y"] - title["y"] <= 320
    assert title["y"] < emergency["y"] < control["y"]
    assert box(phone, "main .emergency a")["height"] >= 48


@pytest.mark.parametrize("booked_at_once", [True, False])
def test_who_has_chosen_a_time_reaches_the_button_within_two_screens(phone, booked_at_once):
    visit = make.visit_type("First visit", minutes=45, lead_hours=48, booked_at_once=booked_at_once)
    make.practitioner("Tomás Rivera, MD", visit=visit)
    phone.goto("/appointments/times/")
    phone.locator(".next-times button").first.click()

    first, button = box(phone, "#id_name"), box(phone, "#contact-form > button")

    assert first["y"] <= 380
    assert button["y"] + button["height"] <= 1250


def test_a_procedures_overview_and_its_form_take_few_screens(phone):
    phone.goto("/procedures/kyphoplasty/")

    page, section = box(phone, "html"), box(phone, "#contact")

    assert section["height"] <= 2.2 * 780
    assert page["height"] <= 8 * 780


def test_each_step_of_a_procedure_shows_its_tube_whole_on_a_phone(phone):
    phone.goto("/procedures/kyphoplasty/")

    for step in phone.locator(".steps .drawing").all():
        frame = step.bounding_box()
        for tube in step.locator(".d-tube, .d-balloon, .d-cement").all():
            shape = tube.bounding_box()
            assert frame["y"] <= shape["y"]
            assert shape["y"] + shape["height"] <= frame["y"] + frame["height"]


def test_what_to_do_in_an_emergency_stands_above_the_plain_form_and_while_one_waits_below_it(phone):
    phone.goto("/appointments/")

    cards = [card.inner_text().split("\n") for card in phone.locator("main .emergency").all()]

    assert [[line for line in card if line] for card in cards] == [
        ["Emergency: call 911 now", "If you are not sure, call 911. Do not wait for our answer."],
        [
            "If you feel worse while you wait, call us at", "(646) 555-0111", "When we are closed:", "(646) 555-0122",
        ],
    ]  # fmt: skip
    assert box(phone, ".emergency >> nth=1")["y"] > box(phone, "#contact-form button")["y"]
