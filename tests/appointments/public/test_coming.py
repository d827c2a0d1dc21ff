"""One press says "I will come": on the own page, where the reminder leads; nothing but a press says it."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.models import Appointment, Email, Inquiry
from appointments.notifications import compose, reminders
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db

TUESDAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def rosa() -> Inquiry:
    return make.inquiry(name="Rosa Lind", contact_by="email", email="rosa@example.com", phone="212 555 0123")


@pytest.fixture
def booked(rosa) -> Appointment:
    doctor = make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))
    return appointments.book(inquiry=rosa, slot=make.slots(doctor, TUESDAY)[4], by=Actor.visitor())


def own(rosa) -> str:
    return Patient().get(rosa.own_page_url()).content.decode()


def form_on(page: str) -> re.Match | None:
    return re.search(r'<form method="post" action="([^"]*/coming/)">(.*?)</form>', page, re.DOTALL)


def press(rosa):
    address, inside = form_on(own(rosa)).groups()
    return Patient().post(address, {**make.hidden_fields(inside), "yes": ""}, follow=True)


def test_one_press_says_so_and_the_page_says_thank_you(rosa, booked):
    answer = press(rosa)

    page = answer.content.decode()
    assert answer.redirect_chain == [(f"{rosa.own_page_url()}?done=coming", 303)]
    assert "Thank you for telling us that you will come." in page
    assert "You have told us that you will come." in page
    assert form_on(page) is None
    booked.refresh_from_db()
    assert booked.has_said_they_will_come is True


def test_the_press_twice_from_a_page_that_was_open_is_calm(rosa, booked):
    address, inside = form_on(own(rosa)).groups()
    posted = make.hidden_fields(inside)

    answers = [Patient().post(address, posted).status_code for _ in range(2)]

    assert answers == [303, 303]


def test_nothing_but_a_press_says_it(rosa, booked):
    """Scanners open each link of a mail, and some try out addresses."""
    for browser in (Client(), Patient()):
        for method in (browser.get, browser.head):
            method(f"{rosa.own_page_url()}coming/")
            method(rosa.own_page_url())

    booked.refresh_from_db()
    assert booked.has_said_they_will_come is False


def test_who_has_proved_nothing_says_nothing(rosa, booked):
    data = {"appointment": str(booked.pk), "version": str(booked.version), "yes": ""}

    answer = Client().post(f"{rosa.own_page_url()}coming/", data)

    booked.refresh_from_db()
    assert (answer.status_code, booked.has_said_they_will_come) == (403, False)


def test_nobody_says_it_for_the_appointment_of_another(rosa, booked):
    other = make.inquiry()
    data = {"appointment": str(booked.pk), "version": str(booked.version), "yes": ""}

    answer = Patient().post(f"{other.own_page_url()}coming/", data)

    booked.refresh_from_db()
    assert (answer.status_code, booked.has_said_they_will_come) == (409, False)


@pytest.mark.parametrize("odd", [{}, {"appointment": "x"}, {"appointment": "9" * 50, "version": "٣"}])
def test_what_names_no_time_of_theirs_changes_nothing(rosa, booked, odd):
    answer = Patient().post(f"{rosa.own_page_url()}coming/", odd)

    assert answer.status_code == 409
    assert "Something has changed since you looked." in answer.content.decode()


def test_a_moved_visit_asks_anew(rosa, booked):
    press(rosa)
    slot = make.slots(booked.practitioner, TUESDAY + timedelta(days=1))[0]
    appointments.reschedule(appointment=booked, slot=slot, by=Actor.staff(make.front_desk()))

    page = own(rosa)
    assert form_on(page) is not None
    assert "You have told us that you will come." not in page


@pytest.mark.parametrize(
    "fields", [{"status": "pending"}, {"status": "cancelled"}, {"displaced_at": "2026-11-23T12:00:00Z"}]
)
def test_it_is_not_asked_of_what_is_not_certain_or_is_gone(rosa, booked, fields):
    Appointment.objects.filter(pk=booked.pk).update(**fields)

    assert form_on(own(rosa)) is None


def test_it_is_asked_once_a_reminder_can_have_come(rosa, booked):
    for days, is_asked in ((21, True), (23, False)):
        at = booked.starts_at + timedelta(days=days)
        ends = at + timedelta(minutes=30)
        Appointment.objects.filter(pk=booked.pk).update(starts_at=at, ends_at=ends, blocked_until=ends)
        assert (form_on(own(rosa)) is not None) is is_asked


def test_the_reminder_leads_to_the_page_with_the_button(rosa, booked, clock):
    Appointment.objects.filter(pk=booked.pk).update(time_set_at=booked.starts_at - timedelta(days=20))
    reminders.plan(booked.starts_at - timedelta(days=1, hours=1))

    mail = compose.build(Email.objects.filter(kind="reminder").first())

    assert "Please tell us that you will come, if you have not yet. You can also move or cancel:\nhttp" in mail.body
    links = {each for each in re.findall(r"https?://\S+", mail.body) if "/appointments/" in each}
    assert {each.partition("/appointments/")[2] for each in links} == {f"{rosa.key}/"}
    assert ">I will come, or I can’t</a>" in mail.alternatives[0].content


def test_the_desk_reads_who_has_said_so(client, rosa, booked):
    client.force_login(make.front_desk())
    desk = reverse("admin:appointments_inquiry_change", args=[rosa.pk])
    assert "Says they will come." not in client.get(desk).content.decode()

    press(rosa)

    assert "Says they will come." in client.get(desk).content.decode()
