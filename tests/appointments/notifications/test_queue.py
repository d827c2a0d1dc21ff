import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from appointments import tasks
from appointments.notifications import queue


@pytest.mark.django_db
def test_the_worker_is_woken_by_the_name_of_its_task():
    queue.wake_outbox()

    job = ProcrastinateJob.objects.get()
    assert app.tasks[job.task_name] is tasks.send_mails
