import threading
from contextlib import suppress

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from appointments import tasks
from appointments.models import Email, NotificationKind
from appointments.notifications import outbox, queue
from appointments.notifications.notify import notify
from tests import make


@pytest.mark.django_db(transaction=True)
class TestWaking:
    def test_the_worker_is_woken_by_the_name_of_its_task(self):
        queue.wake_outbox()

        job = ProcrastinateJob.objects.get()
        assert app.tasks[job.task_name] is tasks.send_mails

    def test_one_job_waits_however_many_mails_are_written_in_however_many_transactions(self):
        for _ in range(2):
            with transaction.atomic(), CaptureQueriesContext(connection) as asked:
                for number in range(3):
                    notify(NotificationKind.ANSWERED, make.inquiry(contact_by="email", email=f"p{number}@example.com"))
                assert [query for query in asked if "procrastinate" in query["sql"]] == []

        assert Email.objects.filter(kind=NotificationKind.ANSWERED).count() == 6
        assert ProcrastinateJob.objects.filter(status="todo").count() == 1

    def test_a_job_that_has_begun_keeps_no_other_from_waiting(self):
        queue.wake_outbox()
        ProcrastinateJob._base_manager.all()._raw_delete(using="default")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status)"
                " VALUES ('default', %s, %s, 'doing')",
                [queue.SEND_MAILS, queue.SEND_MAILS],
            )

        queue.wake_outbox()

        assert list(ProcrastinateJob.objects.order_by("pk").values_list("status", flat=True)) == ["doing", "todo"]

    def test_what_is_rolled_back_wakes_nobody_and_what_is_kept_does(self):
        with suppress(ZeroDivisionError), transaction.atomic():
            queue.wake_outbox()
            raise ZeroDivisionError
        nobody = ProcrastinateJob.objects.count()
        with transaction.atomic():
            with suppress(ZeroDivisionError), transaction.atomic():
                queue.wake_outbox()
                raise ZeroDivisionError
            queue.wake_outbox()

        assert (nobody, ProcrastinateJob.objects.count()) == (0, 1)

    def test_who_writes_a_mail_does_not_wait_for_somebody_who_is_about_to(self):
        begun, may_end = threading.Event(), threading.Event()

        def writes_slowly() -> None:
            with transaction.atomic():
                queue.wake_outbox()
                begun.set()
                may_end.wait(30)
            connection.close()

        other = threading.Thread(target=writes_slowly)
        other.start()
        begun.wait(30)
        with transaction.atomic():
            queue.wake_outbox()
        meanwhile = ProcrastinateJob.objects.count()
        may_end.set()
        other.join()

        assert (meanwhile, ProcrastinateJob.objects.count()) == (1, 1)


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
