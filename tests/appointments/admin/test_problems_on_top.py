"""What goes wrong in a form of the desk stands in one summary on top, which has the focus and leads to the fields."""

import re
from datetime import date
from html import unescape
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.html import strip_tags

from appointments.actors import Actor
from appointments.admin.base import as_seen
from appointments.bookings import appointments
from appointments.models import Appointment
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)
DESK, TIMES, LINK, ERASE = "inquiry/{pk}/change/", "inquiry/{pk}/times/", "inquiry/{pk}/link/", "inquiry/{pk}/erase/"
MEANWHILE = "A colleague changed this inquiry meanwhile. Look again, then decide."
ITS_TIME = "A colleague, the patient or the clock changed this time meanwhile. Look again, then decide."

# What is posted where, what the summary says, each with the id that its link leads to, and what was typed and stays.
FORMS = {
    "reply": (DESK, {"do": "reply", "note": "My note"}, [("Your answer: Write your answer.", "id_answer")], "My note"),
    "reply, changed meanwhile": (DESK, {"do": "reply", "answer": "My words", "version": "9"}, [(MEANWHILE, "")],
        "My words"),
    "note": (DESK, {"do": "save"}, [("Choose how a call went, or write a note.", "")], ""),
    "call": (DESK, {"do": "save", "call_words": "Her son"},
        [("How did the call go?: Choose how the call went.", "id_outcome_0")], "Her son"),
    "call back": (DESK, {"do": "save", "outcome": "call_back", "note": "My note"},
        [("Call back at (optional): Enter when to call back.", "id_call_back_at_0")], "My note"),
    "call beside the number": (DESK, {"do": "call-no_answer", "is_told": "on", "note": "My note"},
        [("How did the call go?: You ticked that you are on the phone with them: then they are reached.",
          "id_outcome_0")], "My note"),
    "transition": (DESK, {"do": "close", "sure": "close", "version": "9"}, [(MEANWHILE, "")], ""),
    "transition, with words that were not sent": (DESK, {"do": "close", "answer": "My words"},
        [("Your answer: You have not sent this answer. Send it, or empty the field.", "id_answer")], "My words"),
    "cancel": (DESK, {"do": "time-cancel", "held": "1:99"}, [(ITS_TIME, "")], ""),
    "give": (TIMES, {"do": "give"}, [("Tick one time.", "")], ""),
    "move": (TIMES, {"do": "give", "slot": "1-1-20261124T140000Z", "held": "1:99"}, [(ITS_TIME, "")], ""),
    "offer": (TIMES, {"do": "propose", "until_0": "2026-11-20", "until_1": "10:00"},
        [("Tick one to three times.", ""),
         ("Hold what is offered until: Enter a time that is still to come.", "id_until_0")], "2026-11-20"),
    "another time": (TIMES, {"do": "other", "reason": "My reason"},
        [("Who and what for: Choose who and what for.", "id_schedule"),
         ("Day and time: Enter a day and a time.", "id_at_0")], "My reason"),
    "address": (LINK, {"do": "send", "email": "petra@"},
        [("Their email address: Enter a valid email address.", "id_email"),
         ("Their email address: Enter an email address in the correct format, like name@example.com", "id_email")],
        "petra@"),
    "erasing": (ERASE, {"reason": "My reason", "reference": "of another", "sure": "on"},
        [("Type the reference, to be sure: This is not the reference of this inquiry.", "id_reference")], "My reason"),
    "displaced patients": ("appointment/displaced/", {"do": "hand_over", "which": "ticked"},
        [("Which patients?: Tick the patients you mean, or choose all on this list.", "id_which_0")], ""),
    "earlier times": ("appointment/earlier/", {"entry": "x"},
        [("This time is no longer free, or was offered meanwhile. Look again.", "")], ""),
    "file": ("appointment/import/", {}, [("File: This field is required.", "id_file")], ""),
    "what a file does not say": ("appointment/import/", {"practitioner": "", "visit_type": "", "file": "csv"},
        [("Practitioner: This field is required.", "id_practitioner"),
         ("Kind of visit: This field is required.", "id_visit_type")], "Bring in"),
    "closure": ("closure/add/", {"name": "My closure", "ends_at_0": "2026-11-25"},
        [("Starts: This field is required.", "id_starts_at_0"), ("Ends: This field is required.", "id_ends_at_0")],
        "My closure"),
    "public holidays": ("closure/public-holidays/", {}, [("Tick at least one day.", "")], ""),
}  # fmt: skip


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def boss(client):
    """Somebody who works at the desk and manages it, too."""
    user = make.user(roles.MANAGER)
    user.groups.add(*make.front_desk().groups.all())
    client.force_login(user)
    return client


def on_top(html: str) -> str:
    """The summary, as its markup."""
    return html.partition('<div class="error-summary"')[2].partition("</div>")[0]


@pytest.mark.parametrize("which", FORMS)
def test_what_went_wrong_stands_on_top_with_links_to_the_fields_and_what_was_typed_stays(boss, which):
    address, posted, expected, typed = FORMS[which]
    inquiry = make.inquiry(name="Agnes Moreau")
    doctor = make.practitioner()
    visit = appointments.give(inquiry=inquiry, slot=make.slots(doctor, DAY)[0], by=Actor.staff(make.front_desk()))
    inquiry.refresh_from_db()
    if which == "displaced patients":
        Appointment.objects.update(displaced_at=timezone.now())
    seen = {"version": str(inquiry.version), "held": as_seen(visit), "idempotency_key": str(uuid4())}
    if posted.get("file"):
        posted = posted | {"file": SimpleUploadedFile("old.csv", b"Date,Time,Name\n2026-11-25,10:00,Ann Lee\n")}

    html = boss.post(f"/admin/appointments/{address.format(pk=inquiry.pk)}", seen | posted, follow=True).text

    summary = on_top(html)
    assert summary.startswith(' id="error-summary" tabindex="-1" autofocus role="alert">')
    said = [unescape(strip_tags(line)).strip() for line in re.findall("<li.*?>(.*?)</li>", summary)]
    assert said == [words for words, _ in expected]
    links = re.findall('<a href="#(.*?)">', summary)
    assert links == [leads_to for _, leads_to in expected if leads_to]
    assert [each for each in links if f'id="{each}"' not in html] == []
    assert typed in html
    assert html.index("error-summary") < html.index("<h1")


def test_a_page_on_which_nothing_went_wrong_has_no_summary(boss):
    inquiry = make.inquiry()

    pages = [boss.get(f"/admin/appointments/{page.format(pk=inquiry.pk)}").text for page in (DESK, TIMES, LINK)]

    assert [on_top(page) for page in pages] == ["", "", ""]


def test_what_was_done_is_no_problem(boss):
    inquiry = make.inquiry()
    said = {"do": "save", "note": "x", "idempotency_key": str(uuid4())}

    html = boss.post(f"/admin/appointments/{DESK.format(pk=inquiry.pk)}", said, follow=True).text

    assert on_top(html) == ""
    assert '<div role="status"><ul class="messagelist">' in html
