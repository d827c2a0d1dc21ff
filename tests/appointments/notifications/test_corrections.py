"""What staff do with a mail that others may be working on at the same moment."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from appointments.actors import Actor
from appointments.errors import NotPossible
from appointments.models import Email, NotificationKind
from appointments.notifications import corrections
from appointments.notifications.notify import notify
from tests import make
from tests.racing import deadlocks_once


@pytest.fixture
def mail() -> Email:
    return notify(NotificationKind.ANSWERED, make.inquiry(contact_by="email", email="rosa@example.com"))


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_is_being_sent_is_left_alone(mail):
    is_held, is_done = threading.Event(), threading.Event()

    def send() -> None:
        with transaction.atomic():
            Email.objects.select_for_update().get(pk=mail.pk)
            is_held.set()
            is_done.wait(timeout=30)
        connection.close()

    worker = threading.Thread(target=send)
    worker.start()
    try:
        assert is_held.wait(timeout=30)
        with pytest.raises(NotPossible, match="being sent"):
            corrections.resend(mail, by=Actor.system())
    finally:
        is_done.set()
        worker.join()


@pytest.mark.django_db
def test_another_fault_of_the_database_is_not_taken_for_a_mail_that_is_being_sent(mail, monkeypatch):
    deadlocks_once(monkeypatch, Email.objects, "select_for_update")

    with pytest.raises(OperationalError), transaction.atomic():
        corrections.resend(mail, by=Actor.system())
