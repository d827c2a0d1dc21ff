"""A factor is reset by a command or by a manager with a fresh code, and its owner hears of it."""

import re

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from clinic.accounts import roles, second_factor
from clinic.models import Clinic
from tests import make
from tests.clinic.accounts.test_second_step import signed_in

pytestmark = pytest.mark.django_db


def test_a_command_resets_a_factor_and_mails_and_prints_the_link(settings, capsys):
    settings.SECOND_FACTOR = True
    user, codes = make.with_factor(email="desk@clinic.example")

    call_command("reset_second_factor", user.username)

    printed = capsys.readouterr().out
    link = re.search(r"http\S+", printed).group()
    sent = [(each.to, each.from_email) for each in mail.outbox]
    assert sent == [(["desk@clinic.example"], f'"{Clinic.current().name}" <{Clinic.current().email}>')]
    assert link in mail.outbox[0].body
    assert "It was mailed to desk@clinic.example." in printed
    assert second_factor.check(user=user, code=codes[0]).is_right is False
    assert signed_in(user).get(link.removeprefix(settings.SITE_URL)).status_code == 200


def test_who_was_signed_in_with_the_factor_is_signed_in_no_longer(settings):
    settings.SECOND_FACTOR = True
    user, codes = make.with_factor(roles.FRONT_DESK)
    client = signed_in(user)
    client.post("/admin/second-step/", {"code": codes[0]})
    before = client.get("/admin/").status_code

    call_command("reset_second_factor", user.username)

    assert (before, client.get("/admin/").status_code) == (200, 302)


def test_a_command_says_when_nobody_could_be_mailed(monkeypatch, capsys):
    user, _ = make.with_factor(email="desk@clinic.example")
    nobody, _ = make.with_factor()
    monkeypatch.setattr("django.core.mail.EmailMessage.send", broken)

    for each in (user, nobody):
        call_command("reset_second_factor", each.username)

    assert capsys.readouterr().out.count("NOT mailed") == 2


def broken(*args, **kwargs):
    raise OSError("The mail server is away")


@pytest.mark.parametrize("fields", [{"is_active": False}, None])
def test_a_command_refuses_a_name_that_nobody_signs_in_with(fields):
    name = make.user(**fields).username if fields else "nobody"

    with pytest.raises(CommandError, match=name):
        call_command("reset_second_factor", name)
