"""A worker whose clock is an hour off frees nothing early and loses no mail; it goes on once its clock is right."""

import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from appointments.inquiries import lifecycle
from appointments.models import Appointment, AppointmentStatus, WorkerHeartbeat
from clinic import email_url
from tests import make, smtp, workers
from tests.faults import table
from tests.faults.people import LONG

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_time]

HOUR = 3_600
# Right enough for the worker, and a minute for whose jobs nobody has asked yet: it need not wait for the next one.
NEARLY_RIGHT = 90
# A worker whose clock goes as far as the file says, as soon as it hears of it.
WORKER = """
import runpy, signal, sys
from datetime import UTC, datetime
import time_machine

clock, file = time_machine.travel(datetime.now(UTC)).start(), sys.argv[1]
signal.signal(signal.SIGUSR1, lambda *_: clock.shift(int(open(file).read())))
sys.argv = ["manage.py", "work"]
runpy.run_path("manage.py", run_name="__main__")
"""


class Clock:
    """The clock of a worker that runs."""

    def __init__(self, worker: subprocess.Popen, file: Path):
        self.worker, self.file = worker, file

    def set_by(self, seconds: int) -> None:
        self.file.write_text(str(seconds))
        self.worker.send_signal(signal.SIGUSR1)


@pytest.fixture
def clock(server, tmp_path) -> Iterator[Clock]:
    file = tmp_path / "seconds"
    worker = workers.start(server, str(file), program=("-c", WORKER))
    yield Clock(worker, file)
    worker.terminate()
    assert worker.wait(40) == 0


@pytest.fixture
def server(settings):
    with smtp.running() as server:
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
        yield server


def its_clock_is_off_by(seconds: int) -> bool:
    """Whether it said so, give or take a minute."""
    heartbeat = WorkerHeartbeat.objects.first()
    return heartbeat is not None and abs(heartbeat.clock_is_ahead - timedelta(seconds=seconds)) < timedelta(minutes=1)


@pytest.mark.parametrize("off", [HOUR, *([-HOUR] if LONG else [])])
def test_while_it_is_an_hour_off_it_does_nothing_and_then_all_that_waits(server, clock, off):
    make.clinic()
    ends = timezone.now() + timedelta(minutes=30)
    held = make.appointment(status=AppointmentStatus.PROPOSED, held_until=ends)
    assert workers.eventually(lambda: its_clock_is_off_by(0))

    clock.set_by(off)
    assert workers.eventually(lambda: its_clock_is_off_by(off))
    make.inquiry(contact_by="email", email="rosa@example.com", sent=lifecycle.RECEIVED_AFTER)
    seen = WorkerHeartbeat.objects.get().seen_at
    assert workers.eventually(lambda: WorkerHeartbeat.objects.get().seen_at > seen)
    arrived_meanwhile = server.to()["rosa@example.com"]

    clock.set_by(NEARLY_RIGHT - off)
    assert workers.eventually(lambda: server.to()["rosa@example.com"] == 1, 90)
    assert workers.eventually(lambda: its_clock_is_off_by(NEARLY_RIGHT))
    assert (arrived_meanwhile, Appointment.objects.get(pk=held.pk).status) == (0, AppointmentStatus.PROPOSED)
    table.tell(
        f"mails, the worker’s clock off by {off} s", 1, int(server.to()["rosa@example.com"] == 1),
        int(not server.to()["rosa@example.com"]), more="sent early 0, times freed early 0",
    )  # fmt: skip
