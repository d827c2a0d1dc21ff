"""What workers cost: the jobs of a minute in a large clinic, and many mails at once."""

import time
from collections.abc import Iterator
from datetime import timedelta

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from appointments import worker
from appointments.bookings import proposals
from appointments.inquiries import promises
from appointments.models import Email, MailState, NotificationKind
from appointments.notifications import outbox, outdated, reminders
from appointments.notifications.notify import notify
from appointments.notifications.queue import wake_outbox
from tests import make, workers
from tests.bench import mail_sink
from tests.bench.measure import Figure, Row, in_turns, kept_by

MINUTE = {
    "sign of life": worker.beat,
    "expired offers": proposals.expire_due,
    "outdated calls": outdated.cancel_outdated_calls,
    "reminders": lambda: reminders.plan(timezone.now()),
    "overdue promises": promises.notify_of_overdue,
    "nothing to send": outbox.send_due,
}


def minute(appointments: int, rounds: int) -> Iterator[Figure]:
    """The jobs of a minute, once what was due at first is written."""
    call_command("fill", inquiries=appointments * 2 + 1_000, appointments=appointments, seed=1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    Email.objects.update(state=MailState.CANCELLED)
    rows = [Row(f"{name}, {appointments:,} appointments", act) for name, act in MINUTE.items()]
    reminders.plan(timezone.now())
    Email.objects.filter(state=MailState.WAITING).update(next_try_at=timezone.now() + timedelta(days=1))
    in_turns(rows, rounds)
    figures = kept_by(rows)
    yield from figures
    yield Figure("the minute's jobs together", sum(each.value for each in figures), "ms", most=100)


def mails(many: int) -> Iterator[Figure]:
    """So many mails that are due at once, through two workers to a server on this machine."""
    Email.objects.all().delete()
    for number in range(many):
        inquiry = make.inquiry(contact_by="email", phone="", email=f"patient{number}@example.com")
        notify(NotificationKind.ANSWERED, inquiry)
    Email.objects.exclude(kind=NotificationKind.ANSWERED).delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # As a clinic's database is, which knows its tables and has cleaned them.
    with mail_sink.running() as server:
        began = time.perf_counter()
        for _ in range(2):
            wake_outbox()
        running = [workers.start(server) for _ in range(2)]
        try:
            waiting = Email.objects.filter(state=MailState.WAITING)
            # The database is asked at the end: asked all the time, it would read its thousands of mails fifty times a
            # second, on the cores that are measured.
            if not workers.eventually(lambda: len(server.contents) >= many and not waiting.exists(), seconds=600):
                raise RuntimeError(f"{waiting.count()} mails are left")
            took = time.perf_counter() - began
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(40)
        arrived = sum(server.to().values())
    yield Figure(f"{many:,} mails through two workers, with their start", took, "s", most=40 * many / 10_000)
    yield Figure("mails that arrived", arrived / many, "x", least=1, most=1)
