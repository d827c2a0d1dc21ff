import threading

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app

from appointments import tasks, worker
from appointments.bookings import proposals
from appointments.doctor import mails
from appointments.models import WorkerHeartbeat
from appointments.notifications import reminders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_time]

EVERY_MINUTE = {
    "heartbeat", "send_what_became_due", "expire_proposals", "cancel_outdated_calls", "plan_reminders",
    "notify_of_overdue_promises", "offer_what_became_free", "tell_that_all_is_well",
    "retry_stalled_jobs",
}  # fmt: skip


def broken(*args, **kwargs):
    raise RuntimeError("broken on purpose")


def test_each_part_of_the_minute_has_a_job_of_its_own():
    periodic = {each.task.name.rpartition(".")[2] for each in app.periodic_registry.periodic_tasks.values()
                if each.cron == tasks.EVERY_MINUTE}  # fmt: skip

    assert periodic == EVERY_MINUTE


def test_an_error_in_one_part_stops_no_other_and_shows(monkeypatch):
    planned = []
    monkeypatch.setattr(proposals, "expire_due", broken)
    monkeypatch.setattr(reminders, "plan", planned.append)
    for name in sorted(EVERY_MINUTE - {"retry_stalled_jobs"}):
        getattr(tasks, name).defer(timestamp=0)

    run = threading.Thread(target=worker.run, kwargs={"until_done": True})  # A browser's loop may run in ours.
    run.start()
    run.join()

    assert planned
    assert WorkerHeartbeat.objects.exists()
    failed = [each.words for each in mails.failed_jobs(timezone.now())]
    assert failed == ["Jobs of the worker failed within the last hour: expire_proposals."]
