"""
Many mails through real workers and a real mail server: none lost, none doubled but for a worker's last one.

MAILS=10000 makes it long (make faults); alone it is the short form that runs with every test.
"""

import os
import time

import pytest
from django.utils import timezone

from appointments.models import Email, MailState, NotificationKind
from appointments.notifications.queue import wake_outbox
from clinic import email_url
from tests import make, smtp, workers
from tests.faults import table
from tests.faults.people import LONG

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_time]

# More than a job sends before it lets others come in between.
MAILS = int(os.environ.get("MAILS", "250"))


@pytest.fixture
def server(settings):
    with smtp.running() as server:
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
        yield server


def write_mails(jobs: int) -> None:
    inquiry, now = make.inquiry(), timezone.now()
    Email.objects.all().delete()
    Email.objects.bulk_create(
        Email(
            kind=NotificationKind.LINK_AGAIN,
            inquiry=inquiry,
            to=f"patient{number}@example.com",
            due_at=now,
            next_try_at=now,
            dedupe_key=f"many:{number}",
        )
        for number in range(MAILS)
    )
    for _ in range(jobs):
        wake_outbox()


def sent() -> int:
    return Email.objects.filter(state=MailState.SENT).count()


def tell_of_mails(what: str, more: str, server: smtp.MailServer) -> None:
    arrived = server.to()
    once = sum(times == 1 for times in arrived.values())
    table.tell(what, MAILS, once, MAILS - len(arrived), more=more)


# That one alone sends all of them once is seen of the last worker below, too.
@pytest.mark.parametrize("how_many", [*([1] if LONG else []), 2])
def test_workers_share_many_mails(server, how_many):
    write_mails(jobs=how_many)
    began = time.monotonic()
    running = [workers.start(server, "--until-done") for _ in range(how_many)]

    assert [worker.wait(3600) for worker in running] == [0] * how_many
    took = time.monotonic() - began

    tell_of_mails(
        f"mails through {how_many} worker{'s' * (how_many > 1)}",
        f"{MAILS / took:.0f} a second, start of the workers included",
        server,
    )
    assert sent() == MAILS
    assert server.to() == {f"patient{number}@example.com": 1 for number in range(MAILS)}


def test_workers_that_are_killed_lose_nothing_and_double_at_most_their_last_mail(server):
    write_mails(jobs=1)
    kills = 3 if LONG else 2
    for kill in range(kills):
        worker = workers.start(server)
        goal = (kill + 1) * MAILS // (kills + 1)
        assert workers.eventually(lambda goal=goal: len(server.contents) >= goal, seconds=600)
        worker.kill()
        worker.wait()
        wake_outbox()
    assert workers.start(server, "--until-done").wait(3600) == 0

    doubled = len(server.contents) - MAILS
    tell_of_mails(f"mails, and the worker killed {kills} times", f"{doubled} arrived twice", server)
    assert sent() == MAILS
    assert set(server.to()) == {f"patient{number}@example.com" for number in range(MAILS)}
    assert len(server.ids()) == MAILS
    assert doubled <= kills
