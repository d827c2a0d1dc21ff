"""What staff do with a mail that others may be working on at the same moment."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import displacement, proposals, statuses
from appointments.errors import ChangedMeanwhile
from appointments.models import Appointment, AppointmentStatus, CallTask, Closure, Email, MailState, NotificationKind
from appointments.notifications import corrections, outbox
from appointments.notifications.notify import notify
from appointments.records import erasure
from tests import make
from tests.racing import deadlocks_once


@pytest.fixture
def mail() -> Email:
    return notify(NotificationKind.ANSWERED, make.inquiry(contact_by="email", email="rosa@example.com"))


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_is_being_sent_is_left_alone(mail):
    is_held, is_done = threading.Event(), threading.Event()

    def send() -> None:
        with transaction.atomic():
            Email.objects.select_for_update().get(pk=mail.pk)
            is_held.set()
            is_done.wait(timeout=30)
        connection.close()

    worker = threading.Thread(target=send)
    worker.start()
    try:
        assert is_held.wait(timeout=30)
        with pytest.raises(ChangedMeanwhile, match="being sent"):
            corrections.resend(mail, by=Actor.system())
    finally:
        is_done.set()
        worker.join()


@pytest.mark.django_db
def test_another_fault_of_the_database_is_not_taken_for_a_mail_that_is_being_sent(mail, monkeypatch):
    deadlocks_once(monkeypatch, Email.objects, "select_for_update")

    with pytest.raises(OperationalError), transaction.atomic():
        corrections.resend(mail, by=Actor.system())


@pytest.mark.django_db
def test_nobody_is_called_about_a_mail_that_came_back_from_who_was_erased(mail):
    make.two_minutes_pass()
    outbox.send_due()
    erasure.erase(mail.inquiry, reason="Their wish", by=Actor.system())
    mail.refresh_from_db()

    corrections.bounced(mail, by=Actor.system())

    assert not CallTask.objects.exists()


@pytest.mark.django_db
class TestSentAgain:
    """A mail that is to go out a second time, and is cancelled before: what the first one did still counts."""

    @pytest.fixture
    def ann(self):
        return Actor.staff(make.front_desk())

    @pytest.fixture
    def booked(self) -> Appointment:
        appointment = make.appointment(make.inquiry(contact_by="email", email="rosa@example.com"))
        kind = NotificationKind.BOOKED
        notify(kind, appointment.inquiry, key=appointment.version_key, appointment=appointment)
        return appointment

    def send(self, about: Appointment, ann: Actor, *, comes_back: bool) -> Email:
        make.two_minutes_pass()
        outbox.send_due()
        mail = about.emails.get()
        if comes_back:
            corrections.bounced(mail, by=ann)
            mail.refresh_from_db()
        corrections.resend(mail, by=ann)
        mail.refresh_from_db()
        return mail

    @pytest.mark.parametrize("comes_back", [False, True])
    def test_who_was_told_once_is_not_told_again_and_whose_mail_came_back_is(self, booked, ann, comes_back):
        self.send(booked, ann, comes_back=comes_back)

        statuses.change_status(appointment=booked, to=AppointmentStatus.ARRIVED, by=ann)
        statuses.undo(appointment=Appointment.objects.get(), by=ann)

        waiting = [*booked.emails.filter(state=MailState.WAITING), *CallTask.objects.open()]
        assert [each.kind for each in waiting] == [NotificationKind.BOOKED] * comes_back

    def close(self, appointment: Appointment, ann: Actor) -> Closure:
        with displacement.changing_hours([appointment.practitioner_id], by=ann):
            return Closure.objects.create(
                name="Ill", starts_at=appointment.starts_at, ends_at=appointment.starts_at + timedelta(hours=1)
            )

    @pytest.mark.parametrize("comes_back", [False, True])
    def test_who_knows_that_a_time_is_gone_is_told_that_it_is_back(self, ann, comes_back):
        doctor = make.practitioner()
        slot = make.slots(doctor, timezone.localdate() + timedelta(days=2))[0]
        sender = make.inquiry(contact_by="email", email="rosa@example.com")
        lost = make.appointment(sender, slot.starts_at.isoformat(), practitioner=doctor)
        closure = self.close(lost, ann)
        displacement.tell_displaced(displaced=[lost], by=ann)
        self.send(lost, ann, comes_back=comes_back)

        with displacement.changing_hours([doctor.pk], by=ann):
            closure.delete()

        told = lost.emails.exclude(kind=NotificationKind.DISPLACED)
        assert [mail.kind for mail in told] == [NotificationKind.BOOKED] * (not comes_back)

    @pytest.mark.parametrize("comes_back", [False, True])
    def test_who_knows_of_an_offer_is_told_that_it_is_taken_back(self, ann, comes_back):
        doctor = make.practitioner()
        slots = make.slots(doctor, timezone.localdate() + timedelta(days=2))[:1]
        sender = make.inquiry(contact_by="email", email="rosa@example.com")
        until = timezone.now() + timedelta(hours=2)
        [offer] = proposals.propose(inquiry=sender, slots=slots, until=until, by=ann)
        self.send(offer, ann, comes_back=comes_back)

        proposals.decline(inquiry=sender, by=ann)

        told = offer.emails.exclude(kind=NotificationKind.OFFERED)
        assert [mail.kind for mail in told] == [NotificationKind.WITHDRAWN] * (not comes_back)
