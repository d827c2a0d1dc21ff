"""
What /metrics says, in the text format of Prometheus: how much was answered, what waits, what was proved.

The functions stand in the modules that settings.METRICS names, each app's beside what it knows. A module has a tuple
METRICS of functions that take the moment and return metrics. None of them is about one patient.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib import import_module

from django.conf import settings
from django.db import Error as DatabaseProblem
from django.utils import timezone
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from clinic.models import Proof, ProofKind
from clinic.operations import doctor
from clinic.server.counters import Count, total


def text() -> bytes:
    return generate_latest(_Now())


class _Now(Collector):
    """All metrics as they are at this moment; those of the processes also while the database is away."""

    def collect(self) -> Iterator[Metric]:
        yield from _of_processes()
        now, found = timezone.now(), list[Metric]()
        try:
            for name in settings.METRICS:
                for function in import_module(name).METRICS:
                    found += function(now)
        except DatabaseProblem:
            found = []
        yield GaugeMetricFamily("clinic_database_up", "Whether the database answers.", int(bool(found)))
        yield from found


def _of_processes() -> Iterator[Metric]:
    """Of this gunicorn, since it was started."""
    answers = CounterMetricFamily("clinic_requests", "Requests that were answered.", labels=["status"])
    for status in (Count.S1XX, Count.S2XX, Count.S3XX, Count.S4XX, Count.S5XX):
        answers.add_metric([status.name[1:].lower()], total(status))
    yield answers
    seconds = total(Count.MICROSECONDS) / 1_000_000
    yield CounterMetricFamily("clinic_request_seconds", "What answering all of them took.", seconds)
    asked, made = total(Count.STORE_ASKED), total(Count.STORE_MADE)
    yield CounterMetricFamily("clinic_store_requests", "Requests for pages that are kept in memory.", asked)
    yield CounterMetricFamily("clinic_store_pages_made", "How often such a page was made anew.", made)


def doctors_errors(now: datetime) -> Iterable[Metric]:
    """What /readyz and the heartbeat ask, by the name of the finding: its words are for people."""
    found = GaugeMetricFamily(
        "clinic_doctor_errors", "Errors that the quick part of the doctor finds.", labels=["name"]
    )
    for name in sorted({each.name for each in doctor.errors(doctor.Part.QUICK)}):
        found.add_metric([name], 1)
    yield found


def proofs(now: datetime) -> Iterable[Metric]:
    age = GaugeMetricFamily(
        "clinic_proof_age_seconds", "Since a backup and a restore drill were proved last.", labels=["kind"]
    )
    newest = Proof.objects.latest_of(ProofKind.BACKUP, ProofKind.RESTORE_DRILL)
    for kind, proof in sorted(newest.items()):
        age.add_metric([kind], (now - proof.proved_at).total_seconds())
    yield age


METRICS = (doctors_errors, proofs)
