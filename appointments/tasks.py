"""
What workers do beside the requests. The only module that knows procrastinate; its arguments are ids at most.

A job is written in the caller's transaction and rolls back with it; a job may run twice.
"""

import asyncio
import logging
import time

from django.db import Error as DatabaseProblem
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

logger = logging.getLogger(__name__)

# A worker that has not been heard of for so long is dead, and its jobs are somebody else's.
DEAD_AFTER_SECONDS = 60
KEEP_FINISHED_HOURS = 24


def wake() -> None:
    """Have a worker send what is due as soon as the transaction is committed."""
    send_mails.defer()


@app.task
def send_mails() -> None:
    from appointments import delivery

    delivery.send_due()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="minute")
def minute(timestamp: int) -> None:
    """Show that a worker lives, send what became due, and tell the manager of promises that nobody kept."""
    from appointments import delivery, upkeep

    upkeep.every_minute()
    delivery.send_due()


@app.periodic(cron="17 7 * * *")
@app.task(queueing_lock="night")
def night(timestamp: int) -> None:
    """07:17 UTC: the small hours of the Americas."""
    from appointments import upkeep

    upkeep.every_night()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="rescue")
async def rescue(timestamp: int) -> None:
    """Take up the jobs of workers that were killed, and forget those that were done long ago."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        await app.job_manager.retry_job(job)
    await app.job_manager.delete_old_jobs(
        nb_hours=KEEP_FINISHED_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


def work(*, until_done: bool = False) -> None:
    """
    Run a worker until it is told to stop, across an outage of the database; or until no job is left.

    A polite signal lets the job at hand end; a second one does not wait.
    """
    while True:
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
        with app.replace_connector(connector) as worker_app:
            try:
                asyncio.run(_run(worker_app, until_done))
                return
            except (ConnectorException, DatabaseProblem, ExceptionGroup, OSError) as error:
                if until_done:
                    raise
                logger.warning("The worker starts again: %s", error)
                time.sleep(2)


async def _run(worker_app, until_done: bool) -> None:
    async with worker_app.open_async():
        await worker_app.run_worker_async(
            wait=not until_done,
            listen_notify=not until_done,
            shutdown_graceful_timeout=30,
            stalled_worker_timeout=DEAD_AFTER_SECONDS,
        )
