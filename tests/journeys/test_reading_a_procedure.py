"""The pages of a procedure on an old phone: what stands where, in screens of 360 by 740."""

import pytest
from django.core.management import call_command

from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

SCREEN = {"width": 360, "height": 740}
OVERVIEW, BENEFITS, RECOVERY = (
    "/procedures/kyphoplasty/",
    "/procedures/kyphoplasty/benefits/",
    "/procedures/kyphoplasty/recovery/",
)


@pytest.fixture
def phone(browser, live_server):
    call_command("load_content", verbosity=0)
    make.clinic()
    with browser.new_context(base_url=live_server.url, viewport=SCREEN) as context:
        yield context.new_page()


def box(page, selector: str) -> dict[str, float]:
    return page.locator(selector).first.bounding_box()


def test_the_first_drawing_ends_inside_the_third_screen_and_the_tabs_stand_above_it(phone):
    phone.goto(OVERVIEW)

    drawing, tabs, lead = (box(phone, each) for each in (".drawing svg", ".tabs", ".lead"))

    assert drawing["y"] + drawing["height"] <= 3 * SCREEN["height"]
    assert lead["y"] + lead["height"] < tabs["y"] < drawing["y"]


def test_what_the_overview_says_takes_few_screens(phone):
    phone.goto(OVERVIEW)

    article = box(phone, "article")

    assert article["height"] <= 7 * SCREEN["height"]


@pytest.mark.parametrize("path", [OVERVIEW, BENEFITS, RECOVERY])
def test_each_tab_is_a_target_for_a_thumb_at_every_width(phone, path):
    phone.goto(path)
    for width in (320, 360, 768, 1280):
        phone.set_viewport_size({"width": width, "height": 740})

        tabs = [each.bounding_box() for each in phone.locator(".tabs a").all()]

        assert [tab["height"] >= 48 for tab in tabs] == [True] * 4, width
        assert [tab["x"] + tab["width"] <= width for tab in tabs] == [True] * 4, width


def test_the_twin_cards_come_first_and_are_as_high_as_each_other(phone):
    phone.set_viewport_size({"width": 1280, "height": 900})
    phone.goto(BENEFITS)

    benefits, risks = (each.bounding_box() for each in phone.locator(".card").all())
    tops = phone.locator(".card").evaluate_all("all => all.map(at => getComputedStyle(at).borderBlockStartWidth)")

    assert (benefits["y"], benefits["width"], benefits["height"]) == (risks["y"], risks["width"], risks["height"])
    assert tops == ["5px", "5px"]
    assert benefits["y"] < 500


def test_the_marks_of_the_timeline_stand_inside_the_column(phone):
    phone.goto(RECOVERY)

    column = box(phone, "article")
    marks = [each.bounding_box() for each in phone.locator(".mark").all()]

    assert len(marks) == 5
    assert all(mark["x"] >= column["x"] for mark in marks)
    assert phone.locator(".timeline li").count() == 4


def test_drawings_are_drawings_without_styles(phone):
    phone.goto(OVERVIEW)
    phone.evaluate("for (const sheet of document.styleSheets) sheet.disabled = true")

    shapes = phone.locator(".drawing svg").evaluate_all(
        "all => all.map(svg => [...svg.querySelectorAll('use, svg > path')].filter(shape => {"
        "  const style = getComputedStyle(shape), box = shape.getBoundingClientRect();"
        "  return style.stroke !== 'none' && box.width > 0 && style.fill !== 'rgb(0, 0, 0)' }).length)"
    )

    assert len(shapes) == 4
    assert min(shapes) >= 7
