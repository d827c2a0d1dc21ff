"""A provider that takes few mails a second, and a mail that the database refuses, through a real worker."""

import asyncio
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from appointments.models import AppointmentStatus, CallTask, Email, MailState, NotificationKind
from appointments.notifications.notify import notify
from clinic import email_url
from tests import make, smtp, workers
from tests.faults import table
from tests.faults.people import LONG

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_time]

# Seconds for each mail, and how many wait: in the long form two minutes' work.
TAKES, WAITING = (1.0, 120) if LONG else (0.1, 30)


class Provider(smtp.MailServer):
    """Takes one mail after another, each `TAKES` long; or, if it is strict, refuses for now what comes earlier."""

    def __init__(self, is_strict: bool):
        super().__init__()
        self.is_strict, self.turn, self.free_from, self.refused = is_strict, asyncio.Lock(), 0.0, 0

    async def handle_DATA(self, server, session, envelope):
        if self.is_strict and time.monotonic() < self.free_from:
            self.refused += 1
            return "450 4.7.1 Too many mails, try again later"
        self.free_from = time.monotonic() + TAKES
        if not self.is_strict:
            async with self.turn:
                await asyncio.sleep(TAKES)
        return await super().handle_DATA(server, session, envelope)


@pytest.mark.parametrize("is_strict", [False, *([True] if LONG else [])])
def test_a_cancellation_is_out_before_all_that_waits(settings, is_strict):
    """Within a minute of being due: printed, and asserted in the long form."""
    make.clinic()
    senders = [make.inquiry(contact_by="email", email=f"patient{number}@example.com") for number in range(WAITING)]
    for sender in senders:
        notify(NotificationKind.ANSWERED, sender)
    Email.objects.exclude(kind=NotificationKind.ANSWERED).delete()
    with smtp.running(Provider(is_strict)) as server:
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
        worker = workers.start(server)
        try:
            assert workers.eventually(lambda: len(server.contents) >= WAITING // 6)
            cancelled = make.appointment(senders[-1], status=AppointmentStatus.CANCELLED)
            notify(NotificationKind.CANCELLED, senders[-1], key=cancelled.version_key, appointment=cancelled)
            due, before = time.monotonic(), len(server.contents)
            told = Email.objects.filter(kind=NotificationKind.CANCELLED, state=MailState.SENT)
            assert workers.eventually(told.exists, 120)
            took, after = time.monotonic() - due, len(server.contents)
            # What is refused for now comes again after minutes: of those, half is enough to wait for.
            everybody = WAITING + 1
            goal = everybody // 2 if is_strict else everybody
            all_are_out = Email.objects.filter(state=MailState.SENT)
            assert workers.eventually(lambda: all_are_out.count() >= goal, 600 if LONG else 60)
        finally:
            worker.terminate()
            worker.wait(40)

    # Of the strict one's mails, what was refused for now still waits.
    waits = Email.objects.filter(state=MailState.WAITING).count()
    arrived, different = len(server.contents), len(server.ids())
    table.tell(
        f"mails, a provider that takes one in {TAKES} s{' and refuses what is faster' if is_strict else ''}",
        everybody, 2 * different - arrived, everybody - different - waits,
        more=f"cancellation out {took:.1f} s after it was due, {after - before} of {WAITING} mails before it; "
        f"{waits} wait, refused for now {server.refused}",
    )  # fmt: skip
    each_once = Counter({f"patient{number}@example.com": 1 for number in range(WAITING)}) + Counter([senders[-1].email])
    assert (server.to() - each_once, Email.objects.filter(state=MailState.FAILED).count()) == (Counter(), 0)
    assert server.to() == each_once or is_strict
    assert took < 60 if LONG else after - before < WAITING // 2


def test_a_mail_that_the_database_refuses_to_say_sent_goes_out_once_and_holds_up_nobody(settings):
    """One that is first in the queue would be sent again each minute, and no other one ever."""
    make.clinic()
    people = [make.inquiry(contact_by="email", email=f"patient{number}@example.com") for number in range(5)]
    for each in people:
        notify(NotificationKind.ANSWERED, each)
    Email.objects.exclude(kind=NotificationKind.ANSWERED).delete()
    poison = Email.objects.get(inquiry=people[0])
    Email.objects.filter(pk=poison.pk).update(due_at=timezone.now() - timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE appointments_email ADD CONSTRAINT poisoned CHECK (id <> {poison.pk} OR sent_at IS NULL)"
        )
    try:
        with smtp.running() as server:
            settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
            assert workers.start(server, "--until-done").wait(60) == 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE appointments_email DROP CONSTRAINT poisoned")

    assert server.to() == {f"patient{number}@example.com": 1 for number in range(5)}
    states = {email.inquiry_id: email.state for email in Email.objects.all()}
    assert states == {each.pk: MailState.FAILED if each == people[0] else MailState.SENT for each in people}
    assert [task.inquiry for task in CallTask.objects.all()] == [people[0]]
