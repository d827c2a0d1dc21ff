"""Wakes a worker. Names its task by a word, so that nothing below the tasks has to import them."""

from procrastinate.contrib.django import app

# appointments/tasks.py registers it under this name.
SEND_MAILS = "appointments.tasks.send_mails"


def wake_outbox() -> None:
    """Have a worker send what is due as soon as the caller's transaction is committed."""
    app.configure_task(SEND_MAILS).defer()
