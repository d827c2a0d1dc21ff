"""Runs a worker, and shows that it lives: appointments/doctor/ says what is wrong with it."""

import asyncio
import logging
import signal
import threading
import time
from contextlib import suppress
from datetime import timedelta

import psycopg
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status as JobStatus

from appointments.models import WorkerHeartbeat
from clinic import schema, whose_database
from clinic.busy import is_refusal
from clinic.operations import code_version
from clinic.operations.doctor.database import clock_is_ahead, off
from clinic.postgres.connections import JobsConnection

logger = logging.getLogger(__name__)

# A worker that has not been heard of for so long is dead, and its jobs are somebody else's.
DEAD_AFTER_SECONDS = 60
KEEP_FINISHED_HOURS = 24
# A worker whose clock is off by more does nothing: an hour ahead, it would give away times that are held for somebody,
# and take mails about a visit for outdated.
CLOCK_MAY_BE_OFF = timedelta(minutes=5)
CLOCK_ASKED_EVERY = 5  # seconds
# The clock was set, by more than it is kept right by.
JUMP = 10  # seconds
# Set when the worker was told to stop.
stopping = threading.Event()
# What it waits for, which is said once; None while it works.
_waits_since: type[Exception] | None = None


class ClockIsOff(Exception):
    """The worker's clock is far from the database's."""


def beat() -> None:
    """Show that a worker lives, by the database's clock: its own may be what is wrong."""
    seen = {"seen_at": Now(), "its_clock": timezone.now(), "version": code_version.of_this_process()}
    WorkerHeartbeat.objects.update_or_create(pk=1, defaults=seen)


async def retry_stalled_jobs() -> None:
    """Take up the jobs of workers that were killed, and forget those that were done long ago."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        if job.queueing_lock:  # A periodic one: its next turn is waiting already, and there is one at a time.
            await app.job_manager.finish_job(job, status=JobStatus.FAILED, delete_job=True)
        else:
            await app.job_manager.retry_job(job)
    await app.job_manager.delete_old_jobs(
        nb_hours=KEEP_FINISHED_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


def run(*, until_done: bool = False) -> None:
    """
    Run a worker until it is told to stop, across an outage of the database; or until no job is left.

    While its clock is far from the database's, it waits. Told to stop, it lets the mail at hand go out and leaves the
    rest to others. Raises whose_database.AnotherSites and schema.OlderThanTheCode, and ClockIsOff instead of waiting
    where it runs until no job is left.
    """
    code_version.of_this_process()  # Before somebody puts newer files in place of those that are loaded.
    while not stopping.is_set():
        # Its own would wait half a minute for a database that is away, also when it is told to stop.
        connector = PsycopgConnector(
            kwargs=connector_params(), connection_class=JobsConnection, timeout=5, reconnect_timeout=5
        )
        with app.replace_connector(connector) as worker_app:
            try:
                _look_around()
                asyncio.run(_run(worker_app, until_done))
            except (whose_database.AnotherSites, schema.OlderThanTheCode):
                raise
            except ClockIsOff as error:
                if until_done:
                    raise
                _say_once(error)
                stopping.wait(CLOCK_ASKED_EVERY)
            except Exception as error:  # The database is away, most likely: whatever it is, mails must go out again.
                if until_done:
                    raise
                _say_once(error)
        if until_done:
            # It ends when it finds no job, also while one runs that will write another.
            if not _jobs_left():
                return
            continue
        # Procrastinate ends as if it had been told to when it loses its connection.
        stopping.wait(2)


def _say_once(error: Exception) -> None:
    """It tries every few seconds, and would say the same each time; a database that is away has many errors."""
    global _waits_since
    is_away = is_refusal(error) or isinstance(error, ConnectorException | psycopg.OperationalError)
    if (kind := OperationalError if is_away else type(error)) is _waits_since:
        return
    _waits_since = kind
    if isinstance(error, ClockIsOff):
        logger.error("The worker does nothing until its clock is right: %s", error)
    elif is_away:  # Procrastinate's own words are "Database error", between two empty lines.
        words = str(error.__cause__ if isinstance(error, ConnectorException) else error).partition("\n")[0]
        logger.warning("The worker waits for its database: %s", words)
    else:
        logger.warning("The worker starts again after %s: %s", type(error).__name__, error, exc_info=True)


def _look_around() -> None:
    """Raise AnotherSites, OlderThanTheCode or ClockIsOff where nothing may be done."""
    try:
        connection.ensure_connection()  # Of its own, procrastinate waits half a minute for one that is away.
        whose_database.look()
        schema.refuse_an_older()
        ahead = clock_is_ahead()
        if abs(ahead) > CLOCK_MAY_BE_OFF:
            beat()  # The doctor reads there that it lives, and what its clock says.
            raise ClockIsOff(off("this machine", ahead))
    finally:
        connection.close()  # As below.


def _jobs_left() -> bool:
    try:
        return ProcrastinateJob.objects.filter(status="todo").exclude(scheduled_at__gt=timezone.now()).exists()
    finally:
        connection.close()  # The thread of a worker may end here, and the pool would miss its connection.


async def _run(worker_app, until_done: bool) -> None:
    global _waits_since
    async with worker_app.open_async():
        if _waits_since is not None:
            is_back = "its clock is right" if _waits_since is ClockIsOff else "it has its database back"
            logger.warning("The worker goes on: %s", is_back)
            _waits_since = None
        running = asyncio.create_task(
            worker_app.run_worker_async(
                wait=not until_done,
                listen_notify=not until_done,
                # While one sends mails, the sign of life goes on; with many mails both send, ten seconds at a time.
                concurrency=2,
                install_signal_handlers=False,
                shutdown_graceful_timeout=30,
                stalled_worker_timeout=DEAD_AFTER_SECONDS,
            )
        )

        def stop() -> None:
            stopping.set()
            running.cancel()

        if threading.current_thread() is threading.main_thread():  # No other thread hears signals.
            for how in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(how, stop)
        watching = asyncio.create_task(_end_when_the_clock_is_set(running))
        with suppress(asyncio.CancelledError):
            await running
        watching.cancel()


async def _end_when_the_clock_is_set(running: asyncio.Task[None]) -> None:
    """
    End procrastinate's worker, which begins anew after that.

    It knows until when it has planned the jobs of each minute: set back by an hour, it would plan none for an hour.
    """
    before = time.time() - time.monotonic()
    while abs(time.time() - time.monotonic() - before) < JUMP:
        await asyncio.sleep(1)
    logger.warning("The clock was set: the worker begins anew")
    running.cancel()
