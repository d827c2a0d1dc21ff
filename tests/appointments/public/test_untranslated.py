"""Browsers that translate leave names, numbers and references as they are: people dial them, and find us by them."""

from html.parser import HTMLParser

import pytest
import time_machine
from django.core.management import call_command

from appointments.models import Appointment, Email, NotificationKind
from appointments.notifications import compose
from appointments.notifications.notify import notify
from appointments.scheduling import slot_codes
from procedures.models import Page
from tests import make
from tests.appointments.public.test_reading import ADDRESSES, TUESDAY, inquiries
from tests.patient import Patient

pytestmark = pytest.mark.django_db
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "wbr"}
# The title of a page is no part of a sentence, and nobody reads a script.
UNREAD = {"title", "script", "style"}


class Sentences(HTMLParser):
    """The words of a page that a browser would translate, and those that it would not."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.within: list[tuple[str, bool]] = []
        self.translated: list[str] = []
        self.kept: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.within.append((tag, dict(attrs).get("translate") == "no"))

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if any(tag in UNREAD for tag, _is_kept in self.within):
            return
        (self.kept if any(is_kept for _tag, is_kept in self.within) else self.translated).append(data)


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
        yield


@pytest.fixture
def clinic():
    return make.clinic(name="Linden Hill Spine Clinic", phone="(212) 555-0142", after_hours_phone="(212) 555-0188")


def test_a_sentence_is_taken_apart():
    page = Sentences('<title>Call 5</title><p>Call<br> <a translate="no"><b>5</b></a>.</p>')

    assert (page.translated, page.kept) == (["Call", " ", "."], ["5"])


def test_every_page_keeps_names_numbers_and_references(clinic):
    call_command("load_content", verbosity=0)
    make.sign_off(Page.objects.get(slug="benefits").live_revision(), signed_by="Ann Poe, MD")
    made = inquiries()
    doctor = Appointment.objects.first().practitioner
    doctor.name = "Tomás Rivera, MD"
    doctor.save()
    code = slot_codes.encode(make.slots(doctor, TUESDAY)[-1])
    names = [clinic.name, clinic.phone, clinic.after_hours_phone, doctor.name, "Ann Poe, MD"]
    translated, kept = set(), set()
    for address in (each for several in ADDRESSES.values() for each in several):
        for inquiry in made.values() if "{key}" in address else [None]:
            answer = Patient().get(address.format(key=inquiry.key if inquiry else "", slot=code))
            if not answer.headers["Content-Type"].startswith("text/html"):
                continue
            page, kinds = Sentences(answer.content.decode()), {name: name for name in names}
            if inquiry:
                kinds[inquiry.shown_reference] = "reference"
            translated |= {(address, kind) for name, kind in kinds.items() if name in " ".join(page.translated)}
            kept |= {kind for name, kind in kinds.items() if name in " ".join(page.kept)}

    assert translated == set()
    assert kept == {*names, "reference"}


def test_the_sum_keeps_its_numbers(client):
    page = Sentences(client.get("/appointments/").content.decode())

    sums = [words for words in page.kept if "plus" in words or "+" in words]
    assert len(sums) == 2
    assert [words for words in page.translated if "plus" in words] == []


def test_a_mail_keeps_names_numbers_and_references(clinic):
    doctor = make.practitioner("Tomás Rivera, MD")
    inquiry = make.inquiry(name="May O’Hara", contact_by="email", email="may@example.com")
    appointment = make.appointment(inquiry, practitioner=doctor)
    notify(NotificationKind.BOOKED, inquiry, appointment=appointment)

    mail = compose.build(Email.objects.get(kind="booked"))
    html = Sentences(mail.alternatives[0][0])

    names = [clinic.name, clinic.phone, clinic.after_hours_phone, doctor.name, inquiry.shown_reference]
    names += clinic.address.splitlines()
    assert [name for name in names if name in " ".join(html.translated)] == []
    assert [name for name in names if name not in " ".join(html.kept)] == []
    assert [name for name in names if name not in mail.body and name != clinic.after_hours_phone] == []
    assert "translate" not in mail.body


def test_a_mail_keeps_no_part_of_a_word(clinic):
    inquiry = make.inquiry(contact_by="email", email="us@example.com")
    appointment = make.appointment(inquiry, practitioner=make.practitioner("Us"))
    notify(NotificationKind.BOOKED, inquiry, appointment=appointment)

    html = compose.build(Email.objects.get(kind="booked")).alternatives[0][0]

    assert html.count('<span translate="no">Us</span>') == 1
