"""What these tables say of themselves to a watcher: mails, jobs, promises and free times, with a few statements."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q
from django.db.models.functions import Now
from procrastinate.contrib.django.models import ProcrastinateEvent
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.core import Metric

from appointments.models import Email, Inquiry, MailState, Schedule, WorkerHeartbeat
from appointments.scheduling import calendars
from appointments.slots import VisitRules, beside_each_other
from clinic.models import Clinic

# Mails are kept as long as their inquiries: to count them all would read years.
MAILS_OF = timedelta(days=1)
FREE_WITHIN = timedelta(days=7)


def mails(now: datetime) -> Iterable[Metric]:
    by_state = Gauge("clinic_mails", "Mails that were due in the last 24 hours.", labels=["state"])
    rows = Email.objects.filter(due_at__gt=now - MAILS_OF, due_at__lte=now).order_by().values_list("state")
    counted = dict(rows.annotate(many=Count("pk")))
    for state in MailState.values:
        by_state.add_metric([state], counted.get(state, 0))
    yield by_state
    oldest = Email.objects.filter(state=MailState.WAITING, due_at__lte=now).aggregate(since=Min("due_at"))["since"]
    yield Gauge("clinic_mails_oldest_seconds", "How long the oldest mail that waits is due.", _age(now, oldest))


def jobs(now: datetime) -> Iterable[Metric]:
    """By the database's clock, which wrote when a job was put into the queue."""
    waiting = ProcrastinateEvent.objects.filter(type="deferred", job__status="todo").filter(
        Q(job__scheduled_at=None) | Q(job__scheduled_at__lte=Now())
    )
    found = waiting.aggregate(many=Count("pk"), age=Now() - Min("at"))
    yield Gauge("clinic_jobs_waiting", "Jobs that a worker could begin now.", found["many"])
    yield Gauge("clinic_jobs_oldest_seconds", "How long the oldest of them waits.", _seconds(found["age"]))
    beat = WorkerHeartbeat.objects.annotate(silent_for=Now() - F("seen_at")).first()
    if beat:
        yield Gauge("clinic_worker_silent_seconds", "Since a worker was alive.", _seconds(beat.silent_for))


def promises(now: datetime) -> Iterable[Metric]:
    overdue = Q(answered_at=None, answer_by__lt=now)
    found = Inquiry.objects.waiting_for_us().order_by().aggregate(many=Count("pk"), late=Count("pk", filter=overdue))
    yield Gauge("clinic_inquiries_waiting", "Inquiries whose next step is the clinic’s.", found["many"])
    yield Gauge("clinic_promises_overdue", "Those of them that wait longer than we promised.", found["late"])


def free_times(now: datetime) -> Iterable[Metric]:
    """As patients could choose them now, for the longest kind of visit of each practitioner."""
    rules: dict[int, VisitRules] = {}
    for schedule in Schedule.objects.online():
        ours = schedule.visit_type.rules
        rules[schedule.practitioner_id] = max(rules.get(schedule.practitioner_id, ours), ours, key=_minutes)
    zone = Clinic.current().zone
    today = now.astimezone(zone).date()
    last = today + FREE_WITHIN
    by_id = calendars.between(rules, today, last, zone=zone)
    free = (by_id[pk].slots(each, now=now, first=today, last=last) for pk, each in rules.items())
    many = sum(1 for slots in free for _slot in beside_each_other(slots))
    yield Gauge("clinic_free_times", "Times that patients can choose within a week.", many)
    yield Gauge("clinic_practitioners_online", "Practitioners whose times patients can choose.", len(rules))


def _minutes(rules: VisitRules) -> int:
    return rules.minutes


def _age(now: datetime, since: datetime | None) -> float:
    return (now - since).total_seconds() if since else 0


def _seconds(age: timedelta | None) -> float:
    return age.total_seconds() if age else 0


METRICS = (mails, jobs, promises, free_times)
