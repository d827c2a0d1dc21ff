"""
What workers do beside the requests: one line a job. Arguments are ids at most.

A job may run twice. Each part has a job of its own, so that an error in one does not stop the others. Aliases are
names under which jobs of the version before may still wait.
"""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from appointments import worker
from appointments.bookings import freed_offers, proposals
from appointments.inquiries import answers, lifecycle, promises
from appointments.notifications import outbox, outdated, reminders
from appointments.notifications.queue import SEND_MAILS, wake_outbox
from appointments.records import access_log, erasure
from clinic import database_limits
from clinic.accounts import lockout, notices, typed
from clinic.accounts.session_store import SessionStore
from clinic.operations import heartbeat as heartbeat_elsewhere


@app.task(name=SEND_MAILS)
def send_mails() -> None:
    if outbox.is_more_than_a_batch():
        wake_outbox()  # Another worker, or this one's other thread.
    if outbox.send_due(stop=worker.stopping.is_set):
        wake_outbox()  # Other jobs come in between.
    answers.keep_what_was_heard()


# Eight tries within six hours; each waits four times as long as the one before.
@app.task(name=notices.MAIL_STAFF, retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def mail_staff(user: int, notice: str) -> None:
    notices.send(user, notices.Notice(notice))


EVERY_MINUTE = "* * * * *"
by_night = database_limits.lifted(limits=database_limits.NIGHT)


@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="heartbeat")
def heartbeat(timestamp: int) -> None:
    worker.beat()


@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="send_what_became_due")
def send_what_became_due(timestamp: int) -> None:
    wake_outbox()


@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="expire_proposals")
def expire_proposals(timestamp: int) -> None:
    proposals.expire_due()


@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="offer_what_became_free")
def offer_what_became_free(timestamp: int) -> None:
    freed_offers.offer_what_became_free()


@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="cancel_outdated_calls")
def cancel_outdated_calls(timestamp: int) -> None:
    outdated.cancel_outdated_calls()


@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="plan_reminders")
def plan_reminders(timestamp: int) -> None:
    reminders.plan(timezone.now())


@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="notify_of_overdue_promises")
def notify_of_overdue_promises(timestamp: int) -> None:
    promises.notify_of_overdue()


# Its own job, so that a watcher who answers slowly keeps nobody waiting.
@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="tell_that_all_is_well")
def tell_that_all_is_well(timestamp: int) -> None:
    heartbeat_elsewhere.ping()


@app.task(queueing_lock="minute")
def minute(timestamp: int) -> None:
    """Do nothing. The version before had one job for what five do now; one that still waits must find its task."""


# The small hours of the Americas, in UTC.
@app.periodic(cron="17 7 * * *")
@app.task(queueing_lock="auto_close", aliases=["appointments.tasks.close_silent"])
@by_night
def auto_close(timestamp: int) -> None:
    lifecycle.auto_close_due()


@app.periodic(cron="27 7 * * *")
@app.task(queueing_lock="erase_old")
@by_night
def erase_old(timestamp: int) -> None:
    erasure.erase_what_is_old()


@app.periodic(cron="37 7 * * *")
@app.task(queueing_lock="seal_access_log")
@by_night
def seal_access_log(timestamp: int) -> None:
    access_log.seal_days(timezone.now())


@app.periodic(cron="47 7 * * *")
@app.task(queueing_lock="forget_wrong_passwords")
@by_night
def forget_wrong_passwords(timestamp: int) -> None:
    lockout.forget()


@app.periodic(cron="57 7 * * *")
@app.task(queueing_lock="clear_sessions")
@by_night
def clear_sessions(timestamp: int) -> None:
    SessionStore.clear_expired()


@app.periodic(cron="7 8 * * *")
@app.task(queueing_lock="forget_what_was_typed")
@by_night
def forget_what_was_typed(timestamp: int) -> None:
    typed.forget()


@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="retry_stalled_jobs", aliases=["appointments.tasks.rescue"])
async def retry_stalled_jobs(timestamp: int) -> None:
    await worker.retry_stalled_jobs()
