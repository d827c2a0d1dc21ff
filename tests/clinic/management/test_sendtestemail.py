"""A test mail comes from the clinic's own address, and the command says whether anybody was mailed."""

import pytest
from django.core.management import CommandError, call_command

from clinic import email_url
from tests import make, smtp

pytestmark = pytest.mark.django_db


def test_the_mail_comes_from_the_clinic_and_not_from_webmaster(settings, capsys):
    make.clinic(name="Maple Spine Clinic", email="desk@maple.health")
    with smtp.running() as server:
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
        call_command("sendtestemail", "me@clinic.test")

    assert [(each["From"], each["To"]) for each in server.mails] == [
        ("Maple Spine Clinic <desk@maple.health>", "me@clinic.test")
    ]
    said = capsys.readouterr()
    assert (said.out.partition(". ")[0], said.err) == (f"127.0.0.1:{server.port} took it from desk@maple.health", "")


def test_a_mail_server_that_refuses_is_a_sentence(settings):
    make.clinic(email="desk@maple.health")
    with smtp.running() as server:
        server.answers["me@clinic.test"] = "550 no such user"
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
        with pytest.raises(CommandError, match=r"did not take it from desk@maple.health: .*no such user"):
            call_command("sendtestemail", "me@clinic.test")


def test_without_a_mail_server_it_says_that_nobody_was_mailed(settings, tmp_path, capsys):
    make.clinic(email="desk@clinic.example")
    settings.MAILERS = email_url.mailers("", outbox=tmp_path / "outbox")

    with pytest.raises(CommandError, match=r"EMAIL_URL is not set: nobody was mailed\. .*outbox"):
        call_command("sendtestemail", "me@clinic.test")

    assert "desk@clinic.example, a placeholder" in capsys.readouterr().err
