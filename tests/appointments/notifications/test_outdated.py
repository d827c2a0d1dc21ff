"""What would be told is compared with what is so, for mails and calls alike."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import displacement
from appointments.models import Appointment, AppointmentStatus, CallState, CallTask, Closure, Email, Inquiry, MailState
from appointments.models import NotificationKind as Kind
from appointments.notifications import outdated
from appointments.notifications.notify import notify
from tests import make

pytestmark = pytest.mark.django_db

PHONE = {"contact_by": "phone"}
MAIL = {"contact_by": "email", "email": "rosa@example.com"}


def told(kind: Kind, way: dict, **fields):
    """A notification about an appointment of tomorrow, to be mailed or called."""
    appointment = make.appointment(make.inquiry(**way), **fields)
    key = appointment.version_key if kind not in (Kind.REMINDER, Kind.OFFERED) else "x"
    return notify(kind, appointment.inquiry, key=key, appointment=appointment)


@pytest.mark.parametrize("way", [PHONE, MAIL], ids=["call", "mail"])
@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (Kind.BOOKED, {"sequence": 1}),
        (Kind.HELD, {"sequence": 1}),
        (Kind.HELD_MOVED, {"sequence": 1}),
        (Kind.MOVED, {"displaced_at": "2026-01-01T00:00Z"}),
        (Kind.CANCELLED, {"sequence": 1}),
        (Kind.REMINDER, {"status": AppointmentStatus.CANCELLED}),
        (Kind.REMINDER, {"displaced_at": "2026-01-01T00:00Z"}),
        (Kind.OFFERED, {"status": AppointmentStatus.CANCELLED}),
    ],
)
def test_what_changed_meanwhile_is_outdated_in_a_mail_as_in_a_call(kind, change, way):
    fields = {"status": "proposed", "held_until": timezone.now() + timedelta(hours=2)} if kind == Kind.OFFERED else {}
    notification = told(kind, way, **fields)
    assert not outdated.is_outdated(notification)
    Appointment.objects.update(**change)

    assert outdated.is_outdated(type(notification).objects.get(pk=notification.pk))


@pytest.mark.parametrize("kind", [Kind.BOOKED, Kind.HELD, Kind.HELD_MOVED, Kind.MOVED, Kind.REMINDER])
def test_once_the_time_has_begun_nobody_is_told_that_it_will(kind):
    call = told(kind, PHONE)

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        outdated.cancel_outdated_calls()

    call.refresh_from_db()
    assert (call.state, call.done_by) == (CallState.CANCELLED, None)


def test_calls_that_are_still_right_stay():
    calls = [told(Kind.BOOKED, PHONE), told(Kind.CANCELLED, PHONE), notify(Kind.ANSWERED, make.inquiry(), key="1")]

    outdated.cancel_outdated_calls()

    assert set(CallTask.objects.open()) == set(calls)


def test_a_call_that_the_site_ended_is_not_counted_as_made():
    ann = Actor.staff(make.front_desk())
    doctor = make.practitioner()
    slot = make.slots(doctor, timezone.localdate() + timedelta(days=2))[0]
    appointment = make.appointment(practitioner=doctor, starts_at=slot.starts_at.isoformat())
    with displacement.changing_hours([doctor.pk], by=ann) as lost:
        Closure.objects.create(name="Ill", starts_at=slot.starts_at, ends_at=slot.starts_at + timedelta(hours=9))
    displacement.tell_displaced(displaced=lost, by=ann)
    Appointment.objects.update(displaced_at=None)

    outdated.cancel_outdated_calls()

    call = appointment.call_tasks.get()
    assert call.state == CallState.CANCELLED
    assert not CallTask.objects.filter(state=CallState.DONE).exists()


@pytest.mark.parametrize(
    "pair",
    [
        {"state": CallState.DONE},
        {"state": CallState.CANCELLED},
        {"done_at": "2026-01-01T00:00Z"},
        {"done_by": 1},
        {"state": CallState.CANCELLED, "done_at": "2026-01-01T00:00Z", "done_by": 1},
    ],
)
def test_the_fields_of_a_call_belong_together(pair):
    if "done_by" in pair:
        pair = pair | {"done_by": make.user()}
    told(Kind.BOOKED, PHONE)

    with pytest.raises(IntegrityError):
        CallTask.objects.update(**pair)


@pytest.mark.parametrize("why", ["its time changed", "its people were erased"])
@pytest.mark.parametrize("kind", [Kind.BOOKED, Kind.ANSWERED])
def test_what_is_outdated_is_not_offered_to_be_sent_again_and_the_refusal_says_why(client, kind, why):
    email = told(kind, MAIL)
    Email.objects.filter(pk=email.pk).update(state=MailState.FAILED, attempts=11)
    client.force_login(make.front_desk())
    address = f"/admin/appointments/email/{email.pk}/change/"
    assert 'value="resend"' in client.get(address).content.decode()
    if why == "its time changed":
        Appointment.objects.update(sequence=1)
    else:
        Inquiry.objects.update(erased_at=timezone.now())

    assert 'value="resend"' not in client.get(address).content.decode()

    work = address.replace("change", "work")
    answer = client.post(work, {"do": "resend", "seen": "failed 11"}, follow=True).content.decode()
    assert "It is not sent again: what it says is no longer so, or its inquiry was erased." in answer
    email.refresh_from_db()
    assert email.state == MailState.FAILED
