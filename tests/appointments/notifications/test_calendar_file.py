"""Calendar files, read by another library than the one that writes them."""

from datetime import UTC, datetime

import pytest
import time_machine
import vobject

from appointments.actors import Actor
from appointments.bookings import appointments, statuses
from appointments.models import AppointmentStatus
from appointments.notifications import calendar_file, compose
from tests import make

pytestmark = pytest.mark.django_db
NOON = "2026-11-23T17:00:00Z"


def read(file: bytes):
    return vobject.readOne(file.decode())


@pytest.fixture
def rosa():
    return make.inquiry(contact_by="email", email="rosa@example.com", message="It hurts", name="Rosa Lind")


def test_it_says_when_and_where_in_utc_and_nothing_of_why(rosa):
    make.clinic(address="4 Linden\u202e Road\nNew York, NY 10099")
    appointment = make.appointment(rosa, "2026-11-24T14:30:00+00:00")

    calendar = read(calendar_file.build(appointment))

    event = calendar.vevent
    assert (calendar.method.value, calendar.version.value) == ("PUBLISH", "2.0")
    assert event.dtstart.value == datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    assert event.dtend.value == datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    assert event.dtstart.serialize().strip() == "DTSTART:20261124T143000Z"
    assert event.summary.value == "Appointment"
    assert event.location.value == "4 Linden Road, New York, NY 10099"
    assert rosa.shown_reference in event.description.value
    assert "does not cancel" in event.description.value
    text = calendar_file.build(appointment).decode()
    assert not any(secret in text for secret in ("Rosa", "hurts", rosa.key, "rosa@", appointment.visit_type.name))
    assert "ATTENDEE" not in text
    assert "ORGANIZER" not in text


def test_lines_end_as_the_standard_says_and_are_folded():
    make.clinic(address="4 Long Road; with, signs\n" + "Ü" * 200)
    file = calendar_file.build(make.appointment())

    lines = file.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(len(line) for line in lines) <= 75
    assert read(file).vevent.location.value == "4 Long Road; with, signs, " + "Ü" * 200


def test_every_change_counts_up_under_the_same_uid():
    ann = Actor.staff(make.front_desk())
    with time_machine.travel(NOON, tick=False):
        doctor = make.practitioner(visit=make.visit_type(booked_at_once=False))
        day = datetime(2026, 11, 24, tzinfo=UTC).date()
        first, second = make.slots(doctor, day)[:2]
        appointment = appointments.book(inquiry=make.inquiry(), slot=first, by=Actor.visitor())
        files = [read(calendar_file.build(appointment)).vevent]
        for act in (
            lambda: statuses.change_status(appointment=appointment, to=AppointmentStatus.BOOKED, by=ann),
            lambda: appointments.reschedule(appointment=appointment, slot=second, by=ann),
            lambda: statuses.cancel(appointment=appointment, by=ann),
        ):
            files.append(read(calendar_file.build(act())).vevent)

    assert len({event.uid.value for event in files}) == 1
    assert files[0].uid.value == str(appointment.uid)
    assert [int(event.sequence.value) for event in files] == [0, 1, 2, 3]
    assert [event.status.value for event in files] == ["TENTATIVE", "CONFIRMED", "CONFIRMED", "CANCELLED"]


@pytest.mark.parametrize("address", ["https://clinic.example", "https://spine.example:8443"])
def test_its_uid_stays_where_the_site_moves(settings, address):
    given, before = make.appointment(), make.appointment(uid_host="old.example")
    settings.SITE_URL = address

    uids = [read(calendar_file.build(each)).vevent.uid.value for each in (given, before)]

    assert uids == [str(given.uid), f"{before.uid}@old.example"]


def test_the_mails_bring_it_along_and_say_that_declining_does_not_cancel(rosa):
    ann = Actor.staff(make.front_desk())
    with time_machine.travel(NOON, tick=False):
        doctor = make.practitioner()
        appointment = appointments.book(
            inquiry=rosa, slot=make.slots(doctor, datetime(2026, 11, 24, tzinfo=UTC).date())[0], by=Actor.visitor()
        )
        booked = compose.build(rosa.emails.get(kind="booked")).message()
        statuses.cancel(appointment=appointment, by=ann)
        cancelled = compose.build(rosa.emails.get(kind="cancelled")).message()

    for mail, status in ((booked, "CONFIRMED"), (cancelled, "CANCELLED")):
        part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
        assert part.get_param("method") == "PUBLISH"
        assert part.get_filename() == "appointment.ics"
        assert read(part.get_payload(decode=True)).vevent.status.value == status
    bodies = [part.get_content() for part in booked.walk() if part.get_content_type() in ("text/plain", "text/html")]
    assert len(bodies) == 2
    assert all("Deleting the calendar entry does not cancel your appointment." in body for body in bodies)
