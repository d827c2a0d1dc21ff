"""What /metrics says; tests/deploy/test_watching.py holds the rules and the dashboard against the same names."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone
from procrastinate.contrib.django import app
from prometheus_client.parser import text_string_to_metric_families

from appointments.models import Email, MailState
from appointments.notifications.queue import SEND_MAILS
from clinic.models import Proof, ProofKind
from clinic.operations import metrics
from clinic.server import counters
from tests import make

pytestmark = pytest.mark.django_db


def read() -> dict[str, float]:
    """Each sample under its name and labels, as a watcher reads them."""
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        each.name + "".join(f" {value}" for value in each.labels.values()): each.value
        for family in families
        for each in family.samples
    }


def test_an_empty_clinic_with_a_worker_has_every_figure(django_assert_max_num_queries):
    make.living_worker()
    with django_assert_max_num_queries(24):
        said = read()

    counted = {name: value for name, value in said.items() if not name.startswith(("clinic_request", "clinic_store"))}
    assert 0 <= counted.pop("clinic_worker_silent_seconds") < 60
    assert counted == {
        "clinic_database_up": 1, "clinic_mails waiting": 0, "clinic_mails sent": 0, "clinic_mails failed": 0,
        "clinic_mails bounced": 0, "clinic_mails by_phone": 0, "clinic_mails cancelled": 0,
        "clinic_mails_oldest_seconds": 0, "clinic_jobs_waiting": 0, "clinic_jobs_oldest_seconds": 0,
        "clinic_inquiries_waiting": 0, "clinic_promises_overdue": 0, "clinic_free_times": 0,
        "clinic_practitioners_online": 0,
    }  # fmt: skip


def test_mails_are_counted_by_state_and_the_oldest_that_waits_tells_its_age():
    make.living_worker()
    now, inquiry = timezone.now(), make.inquiry(email="a@example.com")
    Email.objects.all().delete()
    for number, (state, hours) in enumerate(
        [(MailState.WAITING, 2), (MailState.WAITING, 30), (MailState.FAILED, 1), (MailState.FAILED, 30)]
    ):
        due = now - timedelta(hours=hours)
        Email.objects.create(
            kind="received", inquiry=inquiry, to="a@example.com", due_at=due, next_try_at=due, state=state,
            dedupe_key=number,
        )  # fmt: skip

    said = read()

    assert (said["clinic_mails waiting"], said["clinic_mails failed"]) == (1, 1)
    assert said["clinic_mails_oldest_seconds"] == pytest.approx(30 * 3600, abs=60)
    assert said["clinic_doctor_errors late_mails"] == 1


def test_the_queue_tells_how_long_its_oldest_job_waits():
    app.configure_task(SEND_MAILS).defer()
    app.configure_task(SEND_MAILS, schedule_in={"hours": 1}).defer()

    said = read()

    assert said["clinic_jobs_waiting"] == 1
    assert 0 <= said["clinic_jobs_oldest_seconds"] < 60


def test_promises_that_are_overdue_are_counted():
    make.inquiry()
    make.inquiry(sent=timedelta(days=30))

    said = read()

    assert (said["clinic_inquiries_waiting"], said["clinic_promises_overdue"]) == (2, 1)


def test_the_age_of_the_last_proved_backup_is_told():
    Proof.objects.create(kind=ProofKind.BACKUP, proved_at=timezone.now() - timedelta(hours=3))

    assert read()["clinic_proof_age_seconds backup"] == pytest.approx(3 * 3600, abs=60)


def test_free_times_are_those_that_patients_can_choose_within_a_week():
    before = read()
    make.practitioner()
    make.practitioner(online=False)

    after = read()

    assert (before["clinic_free_times"], before["clinic_practitioners_online"]) == (0, 0)
    assert (after["clinic_free_times"] > 0, after["clinic_practitioners_online"]) == (True, 1)


def test_while_the_database_is_away_the_processes_still_say_what_they_answered(monkeypatch):
    def away(now):
        raise DatabaseError

    monkeypatch.setattr(metrics, "METRICS", (away,))

    said = read()

    assert said["clinic_database_up"] == 0
    assert {name.partition("_total")[0] for name in said} == {
        "clinic_requests", "clinic_request_seconds", "clinic_store_requests", "clinic_store_pages_made",
        "clinic_database_up",
    }  # fmt: skip


def test_answers_are_counted_by_the_first_digit_of_their_status():
    before = read()
    counters.count_answer(200, timedelta(milliseconds=500))
    counters.count_answer(303, timedelta())
    counters.count_answer(503, timedelta())
    counters.count_answer(0, timedelta())

    after = read()

    grown = {name: round(after[name] - before[name], 3) for name in after if after[name] != before.get(name)}
    assert {name: many for name, many in grown.items() if name.startswith("clinic_request")} == {
        "clinic_requests_total 2xx": 1, "clinic_requests_total 3xx": 1, "clinic_requests_total 5xx": 1,
        "clinic_request_seconds_total": 0.5,
    }  # fmt: skip
