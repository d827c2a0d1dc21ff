"""Every page and state against WCAG 2.2 AA, as far as axe-core can tell: in light, dark and on a narrow screen."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from appointments.actors import Actor
from appointments.bookings import appointments, proposals, statuses, waiting_list
from appointments.inquiries import conversation
from appointments.inquiries.vain_calls import ENOUGH
from appointments.models import Appointment, Closure, Inquiry, NotificationKind, Schedule, WorkingHours
from appointments.models.log import Outcome
from appointments.notifications.notify import notify
from appointments.scheduling import slot_codes
from clinic.models import Announcement
from procedures.models import Page, Words
from tests import make
from tests.journeys.staff import sign_in
from tests.patient import prove

pytestmark = pytest.mark.django_db(transaction=True)

# https://github.com/dequelabs/axe-core, from its npm package; its LICENSE stands beside it.
AXE = (Path(__file__).parent / "axe-core" / "axe.min.js").read_text()
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
# Short lines, and not axe's whole answer: that names every node of the page, and takes minutes to come through. All is
# asked at once, since a question takes a tenth of what axe does. With forced colors the reader's system chooses them;
# axe would compare ours all the same. Safari does not say that a list without its marks is one, unless that has a
# role; the admin's lists are Django's.
FIND = """
    async rules => {
        if (matchMedia('(forced-colors: active)').matches) rules.rules['color-contrast'] = {enabled: false};
        const lists = location.pathname.startsWith('/admin/') ? []
            : [...document.querySelectorAll('ul:not([role]), ol:not([role])')];
        const bare = lists.filter(list => getComputedStyle(list).listStyleType === 'none');
        const page = document.documentElement, isWider = page.scrollWidth > page.clientWidth;
        const found = (await axe.run(document, rules)).violations;
        return [
            ...found.flatMap(each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 160)}`)),
            ...bare.map(list => `a list without its role: ${list.outerHTML.slice(0, 160)}`),
            ...(isWider ? ['wider than its screen'] : []),
        ];
    }
"""
PAGES = [
    "/",
    "/procedures/",
    "/procedures/kyphoplasty/",
    "/procedures/kyphoplasty/benefits/",
    "/procedures/kyphoplasty/recovery/",
    "/procedures/kyphoplasty/print/",
    "/procedures/glossary/",
    "/appointments/",
    "/appointments/times/",
    "/about/",
    "/privacy/",
    "/accessibility/",
    "/notices/language-help/",
    "/nowhere/",
]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 640}
# What Playwright's page.emulate_media() takes, and how large the screen is. Looks on one screen follow each other, and
# the last is the one that is pressed in: to lay a page out for another size takes as long as axe's rules of colors.
LOOKS = {
    "light": (WIDE, {}),
    "dark": (WIDE, {"color_scheme": "dark"}),
    "high contrast": (WIDE, {"contrast": "more"}),
    "right to left": (WIDE, {}),
    "text twice as large": ({"width": 640, "height": 900}, {}),
    "forced colors": (PHONE, {"forced_colors": "active"}),
    "dark and high contrast": (PHONE, {"color_scheme": "dark", "contrast": "more"}),
    "narrow": ({"width": 320, "height": 640}, {}),
}
# What axe asks where not all its rules are asked: the rest stands on the page the same way in each look.
OF_COLORS, OF_SIZES = ["color-contrast", "link-in-text-block"], ["target-size", "scrollable-region-focusable"]
ASKED = {
    "dark": OF_COLORS, "high contrast": OF_COLORS, "dark and high contrast": OF_COLORS,
    "forced colors": OF_SIZES, "text twice as large": OF_SIZES, "right to left": OF_SIZES,
}  # fmt: skip
PLAIN = {"color_scheme": "light", "forced_colors": "none", "contrast": "no-preference"}
# Both themes and a phone: for pages that are made of what others are made of.
SOME = ("light", "dark", "narrow")
# What is pressed is pressed in this one, where it is hardest to reach.
PRESSED_IN = "narrow"
# What no setting of the browser does: a reader's own style sheet, twice the 112.5 % of a narrow page, and a language
# written the other way. Colors that the admin lets fade into each other are there at once.
CHANGE = """look => {
    document.documentElement.style.fontSize = look === 'text twice as large' ? '225%' : '';
    document.documentElement.dir = look === 'right to left' ? 'rtl' : '';
    document.getAnimations().filter(each => each instanceof CSSTransition).forEach(each => each.finish());
}"""


@pytest.fixture
def site():
    """A clinic with something on every page."""
    call_command("load_content", verbosity=0)
    clinic = make.clinic(holidays_of="US-NY")
    clinic.opening_hours.create(weekday=0, opens="09:00", closes="17:00")
    spanish = {"words": "Hablamos español.", "emergency_words": "Llame al 911.", "translator": "Ana Ruiz"}
    clinic.language_lines.create(language="es", **spanish)
    now = timezone.now()
    Announcement.objects.create(words="Closed today after noon.", starts_at=now, ends_at=now + timedelta(days=1))
    Closure.objects.create(
        name="Thanksgiving", public_words="Thanksgiving", starts_at=now, ends_at=now + timedelta(days=1)
    )
    clinic.social_links.update_or_create(name="Facebook", defaults={"url": "https://example.com/"})
    visit = make.visit_type("First visit", lead_hours=48)
    make.practitioner("Jane Doe, MD", title="Spine surgeon", about="She sees new patients.", visit=visit)
    make.practitioner("John Roe, NP", title="Nurse practitioner", visit=visit)
    for each in Page.objects.all():
        make.sign_off(each.live_revision())


@pytest.fixture
def page(site, browser, live_server):
    """A page that is looked at in every look, each time that `faults` is asked."""
    with browser.new_context(base_url=live_server.url) as context:
        page = context.new_page()
        page.looks = list(LOOKS)
        change(page, PRESSED_IN)
        yield page


@pytest.fixture
def page_in_some(page):
    """What stands on this one has been looked at in every look elsewhere."""
    page.looks = list(SOME)
    return page


def change(page, look: str) -> None:
    screen, media = LOOKS[look]
    if page.viewport_size != screen:
        page.set_viewport_size(screen)
    page.emulate_media(**PLAIN | media)
    page.evaluate(CHANGE, look)


def enter(page) -> None:
    """Sign in as somebody who sees all of the staff's pages."""
    users = get_user_model().objects
    if not users.filter(username="boss").exists():
        users.create_superuser("boss", password="correct horse battery")
    sign_in(page, "boss")


def faults(page) -> list[str]:
    """What is wrong with the page as it stands, in each look; it is not opened anew for each."""
    page.evaluate(AXE)
    found = []
    for look in page.looks:
        change(page, look)
        found += [f"{look}, {page.url}: {each}" for each in violations(page, look)]
    assert look == PRESSED_IN
    return found


def violations(page, look: str = "") -> list[str]:
    """What is wrong with the page as it stands, where axe is; also that it is wider than its screen."""
    if look in ASKED:
        return page.evaluate(FIND, RULES | {"rules": {}, "runOnly": {"type": "rule", "values": ASKED[look]}})
    return page.evaluate(FIND, RULES)


def test_every_page_is_free_of_violations_and_fits_its_screen(page):
    for path in PAGES:
        page.goto(path)
        assert faults(page) == []


def test_the_form_is_in_every_state(page):
    page.goto("/appointments/")
    page.get_by_text("For someone else, another language").click()
    page.check("#id_for_someone_else")
    page.check("#id_contact_person_1")
    page.check("#id_kind_0")
    page.check("#id_contact_by_1")
    assert faults(page) == []

    page.click("button[type=submit]")
    expect(page.locator(".error-summary")).to_be_visible()
    assert faults(page) == []


def test_the_own_page_is_in_every_state(page_in_some):
    page = page_in_some
    for status in ("new", "waiting_for_patient", "closed"):
        inquiry = make.inquiry(status=status)
        inquiry.messages.create(words="You can come on Monday.", from_patient=False)
        inquiry.messages.create(words="Thank you.", from_patient=True)
        prove(page.context, inquiry.own_page_url())
        page.goto(inquiry.own_page_url())
        assert faults(page) == []

    page.get_by_role("button", name="Send").click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert faults(page) == []
    page.goto(f"{inquiry.own_page_url()}reminders/")
    assert faults(page) == []


def test_the_question_before_the_own_page_is_in_every_state(page):
    for phone in ("212 555 0123", ""):
        inquiry = make.inquiry(phone=phone, email="rosa@example.com", contact_by="email", code="4711")
        page.goto(inquiry.own_page_url())
        assert faults(page) == []

        page.locator("#id_digits").fill("0000")
        page.get_by_role("button", name="Open my page").click()
        expect(page.locator(".error-summary")).to_be_visible()
        assert faults(page) == []
    Inquiry.objects.filter(pk=inquiry.pk).update(wrong_tries=5)
    page.goto(inquiry.own_page_url())
    expect(page.get_by_role("heading", name="Please call us")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="This is not for me").click()
    for button, heading in (("Yes, this is not for me", "Thank you for telling us"), ("", "This link has ended")):
        if button:
            assert faults(page) == []
            page.get_by_role("button", name=button).click()
        else:
            Inquiry.objects.filter(pk=inquiry.pk).update(link_state="revoked")
            page.reload()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        assert faults(page) == []


def test_a_patients_time_is_in_every_state(page_in_some):
    page = page_in_some
    by, doctor = Actor.staff(make.front_desk()), Schedule.objects.online().first().practitioner
    slots = make.slots(doctor, timezone.localdate() + timedelta(days=4))
    given, lost, cancelled, held, over = (
        appointments.give(inquiry=make.inquiry(), slot=slot, by=by) for slot in slots[:5]
    )
    Appointment.objects.filter(pk=lost.pk).update(displaced_at=timezone.now())
    Appointment.objects.filter(pk=held.pk).update(status="pending")
    statuses.cancel(appointment=cancelled, by=by)
    yesterday = timezone.now() - timedelta(days=1)
    ended = yesterday + timedelta(minutes=30)
    Appointment.objects.filter(pk=over.pk).update(starts_at=yesterday, ends_at=ended, blocked_until=ended)
    offered = make.inquiry()
    proposals.propose(inquiry=offered, slots=slots[5:8], until=timezone.now() + timedelta(hours=9), by=by)
    own, code = given.inquiry.own_page_url(), slot_codes.encode(slots[8])
    paths = [f"{own}{rest}" for rest in ("", "times/", f"times/?slot={code}", "cancel/", "card/")]
    several = (lost.inquiry, cancelled.inquiry, held.inquiry, over.inquiry, offered)
    paths += [inquiry.own_page_url() for inquiry in several]
    paths += [f"{each.inquiry.own_page_url()}cancel/" for each in (held, cancelled, over)]
    paths += [f"{own}times/?taken={slot_codes.encode(slots[0])}"]
    for inquiry in (given.inquiry, *several):
        prove(page.context, inquiry.own_page_url())
    for path in (*paths, f"/appointments/?slot={code}"):
        page.goto(path)
        assert faults(page) == []


def test_the_waiting_list_is(page_in_some):
    page, doctor = page_in_some, Schedule.objects.online().first().practitioner
    by, visit = Actor.staff(make.front_desk()), doctor.schedules.first().visit_type
    slot = make.slots(doctor, timezone.localdate() + timedelta(days=4))[5]
    given = appointments.give(inquiry=make.inquiry(), slot=slot, by=by)
    asked = make.inquiry()
    prove(page.context, asked.own_page_url())
    prove(page.context, given.inquiry.own_page_url())
    page.goto(f"{asked.own_page_url()}waiting/")
    assert faults(page) == []
    for inquiry in (asked, given.inquiry):
        waiting_list.wait(inquiry=inquiry, visit_type=visit, practitioner=doctor, half_days=[0, 1, 5], by=by)
    page.goto(asked.own_page_url())
    assert faults(page) == []
    page.goto(f"{given.inquiry.own_page_url()}waiting/")
    assert faults(page) == []
    enter(page)
    page.goto(f"/admin/appointments/inquiry/{asked.pk}/waiting/")
    assert faults(page) == []


def test_free_times_are_where_there_are_none(page_in_some):
    page = page_in_some
    inquiry = make.inquiry()
    own = inquiry.own_page_url()
    WorkingHours.objects.all().delete()
    prove(page.context, inquiry.own_page_url())
    for path in ("/appointments/times/", f"{own}times/"):
        page.goto(path)
        expect(page.get_by_text("No times are free here at the moment.")).to_be_visible()
        assert faults(page) == []


def test_the_staffs_pages_are(page_in_some, monkeypatch):
    page = page_in_some
    monkeypatch.setattr("appointments.admin.InquiryAdmin.list_per_page", 1)
    inquiry = make.inquiry(reach_note="no voicemail", kind="question", message="When?", email="rosa@example.com")
    notify(NotificationKind.REMINDER, make.inquiry())
    recovery = Page.objects.get(slug="recovery")
    recovery.save_draft(Words("Recovery", "Lead.", "Other words.\n"))
    versions = f"/admin/procedures/page/{recovery.pk}"
    by, doctor = Actor.staff(make.front_desk()), Schedule.objects.first().practitioner
    slots = make.slots(doctor, timezone.localdate() + timedelta(days=4))
    freed = appointments.give(inquiry=make.inquiry(), slot=slots[0], by=by)
    appointments.give(inquiry=inquiry, slot=slots[5], by=by)
    waiting_list.join_or_leave(inquiry=inquiry, on=True, by=by)
    statuses.cancel(appointment=freed, by=by)
    moved = make.inquiry(phone="212 555 0123", reach_note="let it ring")
    appointments.give(inquiry=moved, slot=slots[7], by=by)
    for _ in range(ENOUGH):
        conversation.log_call(inquiry=moved, outcome=Outcome.NO_ANSWER, by=by)
    enter(page)
    for path in (
        "/admin/",
        "/admin/appointments/inquiry/?list=all&p=after-9999999999999999-1",
        "/admin/appointments/appointment/earlier/",
        f"/admin/appointments/inquiry/{inquiry.pk}/times/",
        f"/admin/appointments/inquiry/{inquiry.pk}/change/",
        f"/admin/appointments/inquiry/{inquiry.pk}/chart/",
        f"/admin/appointments/inquiry/{inquiry.pk}/erase/",
        f"/admin/appointments/email/{inquiry.emails.first().pk}/change/",
        "/admin/appointments/calltask/",
        "/admin/appointments/calltask/?list=reminders",
        "/admin/appointments/calltask/tomorrow/",
        f"/admin/agenda/{timezone.localdate()}/print/",
        "/admin/appointments/appointment/?list=unmarked",
        f"{versions}/compare/",
        f"{versions}/sign-off/",
        f"{versions}/preview/",
    ):
        page.goto(path)
        assert faults(page) == []


def test_the_page_of_a_new_caller_is(page_in_some):
    page = page_in_some
    known = make.inquiry(name="Agnes Moreau")
    make.appointment(known)
    enter(page)
    page.goto("/admin/appointments/inquiry/new/")
    assert faults(page) == []
    page.get_by_label("Name", exact=True).fill("Agnes")
    page.get_by_role("button", name="Find them, and free times").click()
    expect(page.get_by_role("group", name="Like this")).to_contain_text("⚠ has")
    assert faults(page) == []
    page.get_by_role("radio", name="Somebody new").check()
    page.get_by_role("button", name="Only take the message").click()
    expect(page.get_by_role("alert")).to_contain_text("Write what they want.")
    assert faults(page) == []


def test_the_dry_run_of_an_import_is(page_in_some):
    page = page_in_some
    make.practitioner("Ann Poe, MD")
    lines = [
        "name,phone,date,time,Room", "Rosa Lind,212 555 0123,2199-01-02,9:00,1", "Sam Okoro,x,2199-01-02,10:00,1",
        "Ida Poe (76),,2199-01-02,9:10,1",
    ]  # fmt: skip
    file = {"name": "old.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    enter(page)
    page.goto("/admin/appointments/appointment/import/")
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    assert faults(page) == []

    page.get_by_label("File").set_input_files(files=file)
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_text("“old.csv” is here.")).to_be_visible()
    assert faults(page) == []

    page.get_by_label("Practitioner").select_option("Ann Poe, MD")
    page.get_by_label("Kind of visit").select_option(index=1)
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("button", name="Bring in 1 appointment, and those that I ticked")).to_have_count(2)
    expect(page.get_by_role("checkbox", name="Bring it in overbooked")).to_have_count(1)
    assert faults(page) == []


def test_the_pages_about_hours_and_displaced_patients_are(page_in_some):
    page = page_in_some
    # Noon or one o'clock of the clinic: within the hours, whenever the test runs, and after the fixture's closure.
    noon = (timezone.now() + timedelta(days=2)).replace(hour=17, minute=0).isoformat()
    lost, other = make.appointment(make.inquiry(reach_note="no voicemail"), noon), make.appointment(starts_at=noon)
    Appointment.objects.filter(pk=lost.pk).update(displaced_at=timezone.now())
    notify(NotificationKind.DISPLACED, lost.inquiry, appointment=lost)
    other.visit_type.preparation = "Bring your glasses."
    other.visit_type.save()
    days = [f"{timezone.now() + timedelta(days=days):%Y-%m-%d}" for days in (0, 3)]
    enter(page)
    for path in (
        "/admin/appointments/appointment/displaced/",
        f"/admin/appointments/visittype/{other.visit_type_id}/sign-off/",
        "/admin/appointments/closure/public-holidays/",
    ):
        page.goto(path)
        assert faults(page) == []

    page.goto("/admin/appointments/closure/add/")
    page.get_by_label("Reason, for staff").fill("Ill")
    for name, day in zip(("starts_at", "ends_at"), days, strict=True):
        page.fill(f"#id_{name}_0", day)
        page.fill(f"#id_{name}_1", "08:00")
    page.locator("[name=_save]").click()
    # The other one lost their time before.
    expect(page.get_by_role("heading", name="This takes the time of 1 patient")).to_be_visible()
    assert faults(page) == []


FOCUS = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {
    name: at.id || at.href || at.name || at.tagName + at.textContent.trim().slice(0, 40),
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""
# One stop for a group of radio buttons; what is switched off or hidden is none.
STOPS = """() => {
  const groups = new Set(), stops = [];
  for (const at of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')) {
    if (at.disabled || at.type === 'hidden' || at.tabIndex < 0 || !at.checkVisibility()) continue;
    if (at.type === 'radio') { if (groups.has(at.name)) continue; groups.add(at.name); }
    stops.push(at.id || at.href || at.name || at.tagName + at.textContent.trim().slice(0, 40));
  }
  return stops;
}"""


@pytest.mark.parametrize("path", ["/", "/procedures/kyphoplasty/", "/appointments/", "/appointments/times/"])
def test_the_keyboard_walks_the_page_in_its_order_and_shows_where_it_is(browser, live_server, path):
    call_command("load_content", verbosity=0)
    make.clinic()
    make.practitioner(visit=make.visit_type(minutes=240, lead_hours=48))
    with browser.new_context(base_url=live_server.url, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(path)
        stops, walked = page.evaluate(STOPS), []
        for _ in stops:
            page.keyboard.press("Tab")
            at = page.evaluate(FOCUS)
            assert at["ring"], at
            assert at["seen"], at
            walked.append(at["name"])

    assert walked == stops
    assert walked[0].endswith("#main")


def test_nothing_is_lost_without_styles(browser, live_server):
    call_command("load_content", verbosity=0)
    make.clinic()
    with browser.new_context(base_url=live_server.url) as context:
        page = context.new_page()
        for path in ("/", "/procedures/kyphoplasty/", "/procedures/kyphoplasty/recovery/", "/appointments/"):
            page.goto(path)
            page.evaluate("for (const sheet of document.styleSheets) sheet.disabled = true")
            words = page.locator("main").inner_text()
            for each in page.locator("main :is(h1, h2, h3, label, legend)").all_inner_texts():
                assert each.strip() in words
            hidden = page.evaluate(
                "[...document.querySelectorAll('main :is(a, input:not([type=hidden]), button, h1, h2, h3)')]"
                ".filter(at => !at.closest('details:not([open])') && !at.checkVisibility()).map(at => at.outerHTML)"
            )
            assert hidden == []


def test_motion_is_smooth_only_for_those_who_have_nothing_against_it(browser, live_server):
    make.clinic()
    for wish, behavior in (("reduce", "auto"), ("no-preference", "smooth")):
        with browser.new_context(base_url=live_server.url, reduced_motion=wish) as context:
            page = context.new_page()
            page.goto("/")
            assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
            page.keyboard.press("Tab")  # Somebody who comes from another page stands where the link led at once.
            assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == behavior
