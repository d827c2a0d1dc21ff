"""Every page and state against WCAG 2.2 AA, as far as axe-core can tell: in light, dark and on a narrow screen."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from appointments.models import Closure
from clinic.models import Announcement
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

# https://github.com/dequelabs/axe-core, from its npm package; its LICENSE stands beside it.
AXE = (Path(__file__).parent / "axe-core" / "axe.min.js").read_text()
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
PAGES = [
    "/",
    "/procedures/",
    "/procedures/kyphoplasty/",
    "/procedures/kyphoplasty/benefits/",
    "/procedures/kyphoplasty/recovery/",
    "/procedures/kyphoplasty/print/",
    "/procedures/glossary/",
    "/appointments/",
    "/about/",
    "/privacy/",
    "/accessibility/",
    "/notices/language-help/",
    "/nowhere/",
]
LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 320, "height": 640}, "color_scheme": "light"},
    "forced colors": {"viewport": {"width": 360, "height": 640}, "forced_colors": "active"},
}


@pytest.fixture(params=LOOKS)
def page(request, browser, live_server):
    call_command("load_content", verbosity=0)
    clinic = make.clinic()
    clinic.opening_hours.create(weekday=0, opens="09:00", closes="17:00")
    clinic.language_lines.create(language="es", words="Hablamos español.")
    now = timezone.now()
    Announcement.objects.create(words="Closed today after noon.", starts_at=now, ends_at=now + timedelta(days=1))
    Closure.objects.create(name="Thanksgiving", starts_at=now, ends_at=now + timedelta(days=1))
    clinic.social_links.update_or_create(name="Facebook", defaults={"url": "https://example.com/"})
    context = browser.new_context(base_url=live_server.url, **LOOKS[request.param])
    yield context.new_page()
    context.close()


def violations(page) -> list[str]:
    page.evaluate(AXE)
    # With forced colors the reader's system chooses them; axe would compare ours all the same.
    forced = page.evaluate("matchMedia('(forced-colors: active)').matches")
    rules = RULES["rules"] | {"color-contrast": {"enabled": not forced}}
    found = page.evaluate("rules => axe.run(document, rules)", RULES | {"rules": rules})["violations"]
    return [f"{page.url}: {each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]


def overflows(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_every_page_is_free_of_violations_and_fits_its_screen(page):
    for path in PAGES:
        page.goto(path)
        assert violations(page) == []
        assert not overflows(page), path


def test_the_form_is_in_every_state(page):
    page.goto("/appointments/")
    page.check("#id_for_someone_else")
    page.check("#id_contact_person_1")
    page.check("#id_kind_0")
    page.check("#id_contact_by_1")
    assert violations(page) == []

    page.click("button[type=submit]")
    assert page.locator(".error-summary").is_visible()
    assert violations(page) == []
    assert not overflows(page)


@pytest.mark.parametrize("status", ["new", "waiting_for_patient", "closed"])
def test_the_own_page_is(page, status):
    page.goto(make.inquiry(status=status).own_page_url())

    assert violations(page) == []


def test_the_front_desks_pages_are(page):
    inquiry = make.inquiry(reach_note="no voicemail", kind="question", message="When?")
    make.front_desk(username="ann")
    page.goto("/admin/")
    page.get_by_label("Username").fill("ann")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    for path in ("/admin/", f"/admin/appointments/inquiry/{inquiry.pk}/change/"):
        page.goto(path)
        assert violations(page) == []
        assert not overflows(page), path
