"""Looking at the site: it changes nothing, takes no lock, and comes to an end for a machine that follows every link."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, proposals, statuses, waiting_list
from appointments.models import Appointment, Inquiry, Practitioner
from appointments.scheduling import slot_codes
from procedures.models import GLOSSARY
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
CHANGES = re.compile(
    r"\b(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|LOCK|SAVEPOINT|NOTIFY)\b|\bFOR (NO KEY |KEY )?(UPDATE|SHARE)\b"
    r"|pg_(try_)?advisory|nextval|setval"
)
# What each pattern of the site's addresses is looked at as; {key} stands for each of the inquiries below.
ADDRESSES = {
    "": ["/"],
    "about/": ["/about/"],
    "accessibility/": ["/accessibility/"],
    "notices/<slug:slug>/": ["/notices/language-help/"],
    "privacy/": ["/privacy/"],
    ".well-known/security.txt": ["/.well-known/security.txt"],
    "robots.txt": ["/robots.txt"],
    "sitemap.xml": ["/sitemap.xml"],
    "procedures/": ["/procedures/"],
    "procedures/glossary/": ["/procedures/glossary/"],
    "procedures/drawings/<slug:digest>.svg": ["/procedures/drawings/x.svg"],
    "procedures/<slug:procedure>/": ["/procedures/kyphoplasty/"],
    "procedures/<slug:procedure>/print/": ["/procedures/kyphoplasty/print/"],
    "procedures/<slug:procedure>/<slug:page>/": ["/procedures/kyphoplasty/benefits/", "/procedures/kyphoplasty/x/"],
    "contact/": ["/contact/"],
    "appointments/": ["/appointments/", "/appointments/?slot={slot}", "/appointments/?slot=x"],
    "appointments/times/": [
        "/appointments/times/", "/appointments/times/?day=2026-11-25", "/appointments/times/?before=2026-12-25",
        "/appointments/times/?x=1",
    ],
    "inquiry": ["/appointments/{key}/", "/appointments/{key}/?done=booked", "/appointments/{key}/?done=cancelled"],
    "inquiry_times": [
        "/appointments/{key}/times/", "/appointments/{key}/times/?slot={slot}",
        "/appointments/{key}/times/?taken={slot}", "/appointments/{key}/times/?before=2026-12-25",
    ],
    "inquiry_reply": ["/appointments/{key}/reply/"],
    "inquiry_proposals": ["/appointments/{key}/offers/"],
    "inquiry_earlier": ["/appointments/{key}/earlier/"],
    "inquiry_coming": ["/appointments/{key}/coming/"],
    "inquiry_waiting": ["/appointments/{key}/waiting/"],
    "inquiry_cancel": ["/appointments/{key}/cancel/"],
    "inquiry_card": ["/appointments/{key}/card/"],
    "inquiry_calendar": ["/appointments/{key}/calendar.ics"],
    "inquiry_reminders": ["/appointments/{key}/reminders/"],
    "inquiry_not_for_me": ["/appointments/{key}/not-for-me/"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
        yield


def patterns(resolver) -> set[str]:
    """Those of the public site; an own page's stands here by its name, since its pattern is a regular expression."""
    found: set[str] = set()
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            found.add(each.name if "?P<key>" in str(each.pattern) else str(each.pattern))
        elif each.app_name != "admin":
            found |= patterns(each)
    return found


def inquiries() -> dict[str, Inquiry]:
    """One in each state that an own page knows, with what could be tidied up there: times whose end has passed."""
    doctor, by = make.practitioner(visit=make.visit_type()), Actor.staff(make.front_desk())
    slots = iter(make.slots(doctor, TUESDAY))
    past = timezone.now() - timedelta(minutes=5)
    made = {
        name: make.inquiry(contact_by="email", email="rosa@example.com")
        for name in (
            "new", "booked", "pending", "displaced", "cancelled", "earlier", "over", "offered", "offer expired",
            "held to check", "no longer held", "written", "spam", "closed",
        )
    }  # fmt: skip
    for name in ("booked", "pending", "displaced", "cancelled", "earlier", "over"):
        appointments.give(inquiry=made[name], slot=next(slots), by=by)
    theirs = {name: Appointment.objects.filter(inquiry=inquiry) for name, inquiry in made.items()}
    theirs["pending"].update(status="pending")
    theirs["displaced"].update(displaced_at=past)
    statuses.cancel(appointment=theirs["cancelled"].get(), by=Actor.visitor())
    waiting_list.join_or_leave(inquiry=made["earlier"], on=True, by=Actor.visitor())
    yesterday = timezone.now() - timedelta(days=1)
    ended = yesterday + timedelta(minutes=30)
    theirs["over"].update(starts_at=yesterday, ends_at=ended, blocked_until=ended)
    for name in ("offered", "offer expired"):
        until = timezone.now() + timedelta(hours=2)
        proposals.propose(inquiry=made[name], slots=[next(slots), next(slots)], until=until, by=by)
    theirs["offer expired"].update(held_until=past)
    for name, until in (("held to check", timezone.now() + timedelta(hours=2)), ("no longer held", past)):
        Inquiry.objects.filter(pk=made[name].pk).update(screening="by_hand", screening_reason="asked")
        held = Appointment(inquiry=made[name], status="pending", held_until=until)
        held.set_slot(next(slots), timezone.now())
        held.save()
    made["written"].messages.create(words="You can come on Monday.", from_patient=False)
    Inquiry.objects.filter(pk=made["closed"].pk).update(status="closed")
    Inquiry.objects.filter(pk=made["spam"].pk).update(screening="spam", screening_reason="asked")
    return made


def test_no_address_is_left_out():
    """Who adds an address says in ADDRESSES how it is looked at."""
    assert patterns(get_resolver()) == set(ADDRESSES)


def test_looking_at_any_page_writes_nothing_and_takes_no_lock():
    call_command("load_content", verbosity=0)
    make.clinic()
    make.living_worker()
    made = inquiries()
    first = next(iter(made))
    doctor = Appointment.objects.first().practitioner
    code = slot_codes.encode(make.slots(doctor, TUESDAY)[-1])
    answers: dict[int, int] = {}
    for address in (each for several in ADDRESSES.values() for each in several):
        for name, inquiry in made.items() if "{key}" in address else [("", None)]:
            path = address.format(key=inquiry.key if inquiry else "", slot=code)
            with CaptureQueriesContext(connection) as captured:
                status = Patient().get(path).status_code
                if name in ("", first):  # The state of an inquiry decides over words, not over methods.
                    Patient().head(path)

            found = [query["sql"] for query in captured if CHANGES.search(query["sql"])]
            assert found == [], (name, path)
            answers[status] = answers.get(status, 0) + 1
    assert answers.keys() == {200, 301, 302, 404, 405}


@pytest.mark.parametrize(
    "change",
    [
        make.inquiry,
        lambda: Inquiry.objects.update(status="closed"),
        lambda: Appointment.objects.filter(pk=0)._raw_delete("default"),
        lambda: list(Inquiry.objects.select_for_update()),
        lambda: list(Practitioner.objects.select_for_update(no_key=True)),
        lambda: Practitioner.objects.raw("SELECT id FROM appointments_practitioner FOR KEY SHARE")[:1],
    ],
)
def test_what_would_be_found_is(change):
    with CaptureQueriesContext(connection) as captured:
        change()

    assert [query for query in captured if CHANGES.search(query["sql"])] != []


def test_whoever_follows_every_link_from_the_free_times_comes_to_an_end():
    make.clinic()
    make.page(None, GLOSSARY)
    make.procedure()
    first, second = (make.visit_type(minutes=minutes, horizon_days=730) for minutes in (30, 60))
    for _ in range(5):
        doctor = make.practitioner(visit=first)
        doctor.schedules.create(visit_type=second, is_online=True)
        doctor.working_hours.filter(weekday__gte=5).delete()
    browser, host = Patient(), "http://testserver"
    known, to_see = {f"{host}/appointments/times/"}, [f"{host}/appointments/times/"]
    last_days: set[str] = set()
    while to_see:
        address = to_see.pop()
        answer = browser.get(address.removeprefix(host))
        links = [answer.headers["Location"]] if 300 <= answer.status_code < 400 else []
        if answer.headers["Content-Type"].startswith("text/html"):
            html = answer.content.decode()
            links += map(unescape, re.findall(r'href="([^"]*)"', html))
            last_days |= set(re.findall(r'name="day" value="([\d-]+)"', html))
        for link in links:
            found = urljoin(address, link).partition("#")[0]
            if urlsplit(found)[:2] == ("http", "testserver") and found not in known:
                assert len(known) < 2000
                known.add(found)
                if "/static/" not in found:  # Files lead nowhere.
                    to_see.append(found)

    until = datetime.now(UTC).date() + timedelta(days=730)
    # It has seen all of them, and so the whole of what there is.
    assert last_days == {day.isoformat() for n in range(731) if (day := until - timedelta(days=n)).weekday() < 5}
    assert 100 < len([each for each in known if "/appointments/times/" in each]) < 250
