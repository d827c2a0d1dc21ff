"""Wakes a worker. Names its task by a word, so that nothing below the tasks has to import them."""

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

# appointments/tasks.py registers it under this name.
SEND_MAILS = "appointments.tasks.send_mails"


def wake_outbox() -> None:
    """Have a worker send what is due as soon as the caller's transaction is committed."""
    app.configure_task(SEND_MAILS).defer()


def wake_outbox_again() -> None:
    """
    Have one more job send what is still due; at most one such job waits. For workers alone.

    Not inside a transaction: that such a job waits already is an error of the database's, which would end it.
    """
    with suppress(AlreadyEnqueued):
        app.configure_task(SEND_MAILS, queueing_lock="send_mails_again").defer()
