"""What the doctor says of the worker, mails, reminders and promises."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from appointments.doctor import mails
from appointments.models import Email, Inquiry, WorkerHeartbeat
from appointments.notifications import reminders
from clinic.operations import code_version, doctor
from tests import make

pytestmark = pytest.mark.django_db


def said(function) -> list[tuple[str, str]]:
    return [(each.severity.name, each.words) for each in function(timezone.now())]


class TestWorker:
    def test_that_never_ran(self):
        assert said(mails.worker) == [("ERROR", "No worker has ever run: no mail goes out, and nobody is reminded.")]

    def test_that_is_silent(self):
        make.living_worker()
        assert said(mails.worker) == []
        WorkerHeartbeat.objects.update(seen_at=Now() - timedelta(minutes=5, seconds=1))

        [(severity, words)] = said(mails.worker)

        assert severity == "ERROR"
        assert words.startswith("No mail goes out and nobody is reminded: no worker has been alive since ")

    def test_that_runs_other_code(self):
        make.living_worker()
        assert said(mails.other_code) == []  # The version before said nothing of it.
        WorkerHeartbeat.objects.update(version=code_version.on_disk())
        assert said(mails.other_code) == []

        WorkerHeartbeat.objects.update(version="another")

        assert said(mails.other_code) == [("WARNING", "The worker runs other code than this.")]


def mail(**fields) -> Email:
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
    Email.objects.exclude(inquiry=inquiry, kind="received").delete()
    Email.objects.update(**fields)
    return Email.objects.get()


def test_mails_that_are_late_with_the_clinics_time():
    with time_machine.travel("2026-11-23T14:51:00+00:00", tick=False):
        make.clinic()
        mail(due_at=timezone.now() - timedelta(minutes=11))

        [late] = [each for each in doctor.look(doctor.Part.FIRST_PAGE) if each.name == "late_mails"]

    assert late.words.replace("\xa0", " ") == "1 mail has not gone out since Mon, Nov. 23, 9:40 a.m."


def test_a_password_that_the_mail_server_refuses():
    mail(last_error="SMTPAuthenticationError: 535")

    assert said(mails.refused_password) == [
        ("ERROR", "No mail goes out: the mail server refuses our user name or password.")
    ]


def test_mails_that_are_refused_for_hours():
    mail(attempts=2, due_at=timezone.now() - timedelta(hours=4))

    assert said(mails.refused_for_long) == [("WARNING", "The mail server has refused 1 mail for hours.")]


def test_jobs_that_failed():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('x', 'a.tasks.send_mails', 'doing')"
        )
        assert said(mails.failed_jobs) == []
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")

    assert said(mails.failed_jobs) == [("ERROR", "Jobs of the worker failed within the last hour: send_mails.")]


def test_choosing_that_the_site_paused():
    make.clinic(is_choosing_paused=True)

    assert said(mails.choosing_paused) == [
        ("ERROR", "Patients can’t choose times online: very many were taken within an hour.")
    ]


def test_reminders_that_are_due_and_that_nobody_wrote():
    # A Monday, whose reminder of Tuesday's visit is due at five.
    with time_machine.travel("2026-11-23T15:00:00+00:00", tick=False) as clock:
        make.clinic()
        make.appointment(starts_at="2026-11-24T20:00:00+00:00")
        clock.move_to("2026-11-23T22:09:00+00:00")
        assert said(mails.unsent_reminders) == []
        clock.move_to("2026-11-23T22:11:00+00:00")
        assert said(mails.unsent_reminders) == [("ERROR", "1 reminder is due and was not written.")]

        reminders.plan(timezone.now())

        assert said(mails.unsent_reminders) == []


def test_promises_that_are_broken():
    inquiry = make.inquiry(sent=timedelta(hours=1))
    assert said(mails.broken_promises) == []
    Inquiry.objects.filter(pk=inquiry.pk).update(answer_by=timezone.now() - timedelta(minutes=1))

    assert said(mails.broken_promises) == [("WARNING", "1 inquiry waits longer than we promised.")]
