"""After a restore no mail goes out until somebody has decided which of them went out before."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from appointments.models import Email, MailState
from appointments.notifications import held, outbox
from clinic import email_url
from clinic.models import SiteIdentity
from clinic.operations import doctor
from tests import make, smtp

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    with smtp.running() as server:
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
        yield server


@pytest.fixture(autouse=True)
def _hold():
    SiteIdentity.objects.update_or_create(
        pk=1, defaults={"name": "site maple.example", "mails_held_since": timezone.now()}
    )


def mail(to: str) -> Email:
    make.inquiry(contact_by="email", phone="", email=to)
    mail = Email.objects.get(to=to)
    Email.objects.filter(pk=mail.pk).update(due_at=timezone.now(), next_try_at=timezone.now())
    return mail


def states() -> dict[str, str]:
    return dict(Email.objects.exclude(to="frontdesk@example.com").values_list("to", "state"))


def test_held_mails_wait_and_go_out_once_released(server):
    mail("rosa@example.com")

    outbox.send_due()
    assert states() == {"rosa@example.com": MailState.WAITING}
    assert server.mails == []

    assert held.release()[1] == 0
    outbox.send_due()
    assert states() == {"rosa@example.com": MailState.SENT}


def test_those_that_went_out_before_are_canceled(server):
    with time_machine.travel(timezone.now() - timedelta(hours=3), tick=False):
        mail("early@example.com")
    mail("late@example.com")
    moment = (timezone.now() - timedelta(hours=1)).isoformat()

    out = io.StringIO()
    call_command("release_mails", cancel_due_before=moment, stdout=out)

    outbox.send_due()
    assert states() == {"early@example.com": MailState.CANCELLED, "late@example.com": MailState.SENT}
    assert not SiteIdentity.mails_are_held()


def test_what_is_not_held_is_not_released():
    held.release()

    with pytest.raises(CommandError, match="No mails are held"):
        call_command("release_mails")


def test_the_doctor_says_that_late_mails_are_held():
    mail("rosa@example.com")

    [late] = [
        each
        for each in doctor.look(doctor.Part.FIRST_PAGE, timezone.now() + timedelta(minutes=11))
        if each.name == "late_mails"
    ]

    assert late.to_do == "They are held since a backup was restored. Whoever runs the site lets them go: release_mails."
