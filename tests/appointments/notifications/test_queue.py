import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from appointments import tasks
from appointments.models import Email, NotificationKind
from appointments.notifications import outbox, queue
from tests import make


@pytest.mark.django_db
def test_the_worker_is_woken_by_the_name_of_its_task():
    queue.wake_outbox()

    job = ProcrastinateJob.objects.get()
    assert app.tasks[job.task_name] is tasks.send_mails


@pytest.mark.django_db(transaction=True)
def test_at_most_one_follow_up_job_waits():
    for _ in range(3):
        queue.wake_outbox_again()

    assert ProcrastinateJob.objects.filter(status="todo").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_finds_only_mails_of_others_ends_and_wakes_nobody():
    """While one mail was slow, two jobs turned in circles and deferred themselves."""
    make.inquiry(contact_by="email", email="rosa@example.com")
    ProcrastinateJob._base_manager.all()._raw_delete(using="default")
    taken, done = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            list(Email.objects.select_for_update())
            taken.set()
            done.wait(30)
        connection.close()

    other = threading.Thread(target=slow)
    other.start()
    try:
        assert taken.wait(30)
        with_batch = outbox.send_due()
        tasks.send_mails()
    finally:
        done.set()
        other.join()

    assert with_batch is False
    assert ProcrastinateJob.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("mails", "helpers"), [(2, 0), (3, 1)])
def test_a_sender_with_more_than_its_batch_calls_another_before_it_begins(monkeypatch, mails, helpers):
    monkeypatch.setattr(outbox, "BATCH", 2)
    for number in range(mails):
        make.inquiry(contact_by="email", email=f"patient{number}@example.com")
    Email.objects.exclude(kind=NotificationKind.RECEIVED).delete()
    Email.objects.update(next_try_at=timezone.now())
    ProcrastinateJob._base_manager.all()._raw_delete(using="default")
    waiting_when_it_began = []
    monkeypatch.setattr(outbox, "send_due", lambda stop: waiting_when_it_began.append(ProcrastinateJob.objects.count()))

    tasks.send_mails()

    assert waiting_when_it_began == [helpers]
