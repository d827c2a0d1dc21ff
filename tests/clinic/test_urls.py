"""Every public address: no script, no request to another host, no cookie but the own page's proof."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, proposals
from appointments.models import Inquiry
from appointments.public import proofs
from procedures.models import Drawing
from tests import loading, make, public_addresses
from tests.patient import Patient

HOST = "testserver"
# Pages for what went wrong.
ASTRAY = ["/nowhere/", "/about", "/procedures/none/", "/appointments/" + "a" * 22 + "/", "/about/?q=%00"]
# A file to keep; text and XML, which a browser shows with a style of its own and complains of that.
NO_PAGES = (".ics", ".svg", "/robots.txt", "/sitemap.xml", "/security.txt")
PATTERNS = list(public_addresses.patterns())


@pytest.fixture
def patients() -> list[Inquiry]:
    """A clinic with something on every page, and two patients: one with a time, one who was offered some."""
    call_command("load_content", verbosity=0)
    make.drawing()
    clinic = make.clinic()
    clinic.opening_hours.create(weekday=0, opens="09:00", closes="17:00")
    clinic.social_links.update_or_create(name="Facebook", defaults={"url": "https://example.com/"})
    doctor = make.practitioner("Jane Doe, MD")
    slots = make.slots(doctor, timezone.localdate() + timedelta(days=3))
    booked, offered = make.inquiry(), make.inquiry()
    appointments.book(inquiry=booked, slot=slots[0], by=Actor.visitor())
    until = timezone.now() + timedelta(days=1)
    proposals.propose(inquiry=offered, slots=slots[3:5], until=until, by=Actor.staff(make.front_desk()))
    return [booked, offered]


def addresses(inquiry: Inquiry) -> list[str]:
    parts = {"slug": "privacy-practices", "procedure": "kyphoplasty", "page": "benefits", "key": inquiry.key}
    parts["digest"] = Drawing.objects.get().digest
    return [public_addresses.filled(pattern, **parts) for pattern in PATTERNS]


def faults(answer) -> list[str]:
    """What is wrong with an answer to somebody who has proved nothing yet."""
    html = answer.content.decode() if answer.headers.get("Content-Type", "").startswith("text/html") else ""
    return [
        *loading.faults(html, HOST),
        *(f"cookie {name}" for name in answer.cookies),
        *(f"{name}: {answer.headers[name]}" for name in ("Link", "Refresh", "Set-Cookie") if name in answer.headers),
        *([location] if (location := answer.headers.get("Location", "/")).startswith(("http", "//")) else []),
    ]


@pytest.mark.django_db
def test_no_public_address_runs_anything_or_asks_another_host_or_sets_a_cookie(patients):
    asked, found = set(), {}
    for inquiry in patients:
        for address in [*addresses(inquiry), *ASTRAY]:
            # What is sent may end the link: it is looked at by both before.
            for method in ("GET", "PUT", "POST"):
                for browser in (Client(), Patient()):
                    answer = browser.generic(method, address, b"")
                    asked.add((address, answer.status_code, isinstance(browser, Patient)))
                    if wrong := faults(answer):
                        found[method, address, answer.status_code] = wrong

    assert found == {}
    # What shows nothing by itself: it only takes what is sent, or it leads on.
    shown = {address for address, status, proved in asked if status == 200 and proved}
    not_shown = {
        re.sub(".*key.*[)]/", "", pattern)
        for pattern, *both in zip(PATTERNS, *map(addresses, patients), strict=True)
        if shown.isdisjoint(both)
    }
    assert not_shown == {"/contact/", "reply/", "offers/", "earlier/", "coming/"}
    assert {status for _, status, _ in asked} >= {200, 301, 302, 400, 404, 405, 422}


@pytest.mark.django_db
def test_the_only_cookie_is_the_proof_at_the_own_page_alone():
    inquiry = make.inquiry(phone="(212) 555-0123")

    sent = Client().post("/appointments/", make.form_data(phone="(212) 555-0177"))
    proved = Client().post(inquiry.own_page_url(), {"digits": "0123", "then": "look"})

    own = Inquiry.objects.exclude(pk=inquiry.pk).get()
    for answer, path in ((sent, own.own_page_url()), (proved, inquiry.own_page_url())):
        assert {name: cookie["path"] for name, cookie in answer.cookies.items()} == {proofs.cookie(): path}


def test_no_style_of_ours_loads_anything_from_elsewhere():
    for file in (Path(settings.BASE_DIR) / "static" / "css").glob("*.css"):
        assert loading.css_faults(file.read_text(), HOST) == [], file.name


@pytest.mark.parametrize(
    "planted",
    [
        "<script>1</script>",
        '<script src="/static/js/idle.js"></script>',
        '<img src="https://pixel.example/x.gif">',
        '<img src="//pixel.example/x.gif">',
        '<img srcset="https://pixel.example/x.gif 2x">',
        '<link rel="stylesheet" href="https://fonts.example/a.css">',
        '<link rel="preconnect" href="https://fonts.example">',
        '<link rel="dns-prefetch" href="//fonts.example">',
        '<style>@import "https://fonts.example/a.css";</style>',
        "<style>p { background: url(https://pixel.example/x.gif) }</style>",
        '<form action="https://evil.example/"></form>',
        '<button formaction="//evil.example/">Send</button>',
        '<a ping="https://evil.example/" href="/">Home</a>',
        '<iframe src="/about/"></iframe>',
        '<base href="https://evil.example/">',
        '<meta http-equiv="refresh" content="0; url=/">',
        '<p onclick="x()">',
        '<p style="color: red">',
        '<a href="javascript:x()">x</a>',
        '<svg><use href="https://evil.example/a.svg#b"/></svg>',
    ],
)
def test_each_of_these_is_a_fault(planted):
    page = f'<link rel="canonical" href="https://clinic.example/"><img src="/static/a.png"><p>{planted}</p>'

    assert len(loading.faults(page, HOST)) >= 1
    assert loading.faults(page.replace(planted, ""), HOST) == []


@pytest.mark.django_db(transaction=True)
def test_a_browser_asks_this_site_alone_and_complains_of_nothing(patients, browser, live_server):
    requests, complaints, cookies = [], [], []
    for javascript in (True, False):
        for inquiry in patients:
            with browser.new_context(base_url=live_server.url, java_script_enabled=javascript) as context:
                page = context.new_page()
                page.on("request", lambda request: requests.append(request.url))
                page.on("console", lambda said: complaints.append(said.text))
                for address in [*addresses(inquiry), *ASTRAY]:
                    is_the_same_for_both = inquiry != patients[0] and inquiry.key not in address
                    if not (address.endswith(NO_PAGES) or is_the_same_for_both):
                        page.goto(address)
                cookies += context.cookies()

    assert {url for url in requests if not url.startswith(f"{live_server.url}/")} == set()
    assert cookies == []
    # A browser tells developers of a page that could not be had.
    assert [said for said in complaints if not said.startswith("Failed to load resource")] == []
    assert len(set(requests)) > len(PATTERNS) - len(NO_PAGES)
