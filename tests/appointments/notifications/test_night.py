"""Staff are mailed while somebody is there to read it."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from appointments.models import Closure, Email, MailState, NotificationKind
from appointments.notifications import outbox
from tests import make

pytestmark = pytest.mark.django_db

EVENING = "2026-11-24T23:30Z"  # Tuesday, 6:30 p.m. in New York.
WAITING = NotificationKind.STAFF_WAITING


@pytest.fixture
def clock():
    clinic = make.clinic(email="desk@example.com", manager_email="manager@example.com")
    for weekday in range(5):
        clinic.opening_hours.create(weekday=weekday, opens="08:30", closes="17:00")
    with time_machine.travel(EVENING, tick=False) as traveller:
        yield traveller


def to_staff() -> list[str]:
    return [each.subject for each in mail.outbox if each.to != ["rosa@example.com"]]


def test_what_comes_in_the_night_is_one_mail_at_opening(clock):
    for _ in range(9):
        make.inquiry()
        clock.shift(timedelta(hours=1))
        outbox.send_due()
    in_the_night = to_staff()
    clock.move_to("2026-11-25T13:29Z")
    outbox.send_due()
    before = to_staff()
    clock.move_to("2026-11-25T13:30Z")
    outbox.send_due()

    assert (in_the_night, before, to_staff()) == ([], [], ["Something waits in the inbox"])


def test_by_day_they_go_out_as_ever(clock):
    clock.move_to("2026-11-24T15:00Z")
    make.inquiry()
    clock.shift(timedelta(minutes=10))

    outbox.send_due()

    assert to_staff() == ["Something waits in the inbox"]


def test_a_day_that_is_closed_is_no_day_for_it(clock):
    Closure.objects.create(name="Thanksgiving", starts_at="2026-11-25T05:00Z", ends_at="2026-11-27T05:00Z")
    make.inquiry()
    clock.shift(timedelta(hours=1))

    outbox.send_due()

    [waits] = Email.objects.filter(kind=WAITING, state=MailState.WAITING)
    assert f"{waits.due_at:%Y-%m-%d %H:%M}" == "2026-11-27 13:30"


def test_the_manager_sleeps_too(clock):
    Email.objects.create(
        kind=NotificationKind.STAFF_OVERDUE, to="manager@example.com", dedupe_key="x", due_at=timezone.now(),
        next_try_at=timezone.now(),
    )  # fmt: skip
    make.inquiry(sent=timedelta(days=6))

    outbox.send_due()

    assert to_staff() == []
    assert Email.objects.filter(kind=NotificationKind.STAFF_OVERDUE, state=MailState.WAITING).count() == 1


def test_patients_are_mailed_at_any_hour(clock):
    make.inquiry(contact_by="email", phone="", email="rosa@example.com")
    clock.shift(timedelta(minutes=2))

    outbox.send_due()

    assert [each.to for each in mail.outbox] == [["rosa@example.com"]]
