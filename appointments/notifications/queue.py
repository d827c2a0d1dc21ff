"""Wakes a worker. Names its task by a word, so that nothing below the tasks has to import them."""

from django.db import connection, transaction

# appointments/tasks.py registers it under this name.
SEND_MAILS = "appointments.tasks.send_mails"


def wake_outbox() -> None:
    """
    Have a worker send what is due as soon as the caller's transaction is committed.

    One job waits, however many mails are written: it sends them all. A process that dies right after its commit wakes
    nobody, and the job of the minute finds the mail.
    """
    if not any(_defer in planned for planned in connection.run_on_commit):
        transaction.on_commit(_defer, robust=True)


def _defer() -> None:
    """
    Procrastinate's own way raises an error of the database's where the job waits already, which its log gets.

    Inside the transaction, those who write mails at the same moment would wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock) VALUES ('default', %s, %s)"
            " ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING",
            [SEND_MAILS, SEND_MAILS],
        )
