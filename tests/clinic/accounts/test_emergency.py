"""Emergency access: reading, and reading alone; it is recorded, mailed to the managers, and ends by itself."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from clinic.accounts import roles
from clinic.models import EmergencyAccess
from tests import make

pytestmark = pytest.mark.django_db


def fresh(user):
    """The user as the next request sees them."""
    return get_user_model().objects.get(pk=user.pk)


def test_an_editor_reads_an_inquiry_for_an_hour_and_no_longer(client):
    editor = make.user(roles.CONTENT_EDITOR)
    address = reverse("admin:appointments_inquiry_change", args=[make.inquiry().pk])
    with time_machine.travel("2026-11-25T15:00Z", tick=False) as clock:
        client.force_login(editor)
        before = client.get(address).status_code
        call_command("break_glass", editor.username, minutes=60, why="The front desk is ill")
        clock.shift(timedelta(minutes=59))
        client.force_login(editor)  # Who does nothing for so long is signed out.
        within = client.get(address).status_code
        clock.shift(timedelta(minutes=1))
        after = client.get(address).status_code

    assert (before, within, after) == (403, 200, 403)


def test_it_gives_nobody_a_right_to_change_or_erase_and_nobody_else_anything():
    user, other = make.user(), make.user()
    call_command("break_glass", user.username, why="Fire")

    names = {"appointments.view_inquiry", "appointments.change_inquiry", "appointments.erase_inquiry", "auth.add_user"}

    assert {name for name in names if fresh(user).has_perm(name)} == {"appointments.view_inquiry"}
    assert {name.partition(".")[2].partition("_")[0] for name in fresh(user).get_all_permissions()} == {"view"}
    assert fresh(other).get_all_permissions() == set()


def test_it_is_recorded_logged_by_ids_and_mailed_to_each_manager(caplog, capsys):
    user = make.user(username="eve")
    make.user(roles.MANAGER, email="manager@clinic.example")
    make.user(roles.MANAGER, email="gone@clinic.example", is_active=False)
    make.front_desk(email="desk@clinic.example")
    caplog.set_level(logging.WARNING)

    call_command("break_glass", "eve", why="Rosa Lind fell")

    access = EmergencyAccess.objects.get()
    assert (access.user, access.why, access.ends_at - access.begins_at) == (user, "Rosa Lind fell", timedelta(hours=1))
    assert caplog.messages == [f"Emergency access {access.pk} of user {user.pk} for 60 minutes"]
    assert [each.to for each in mail.outbox] == [["manager@clinic.example"]]
    assert "Rosa" not in mail.outbox[0].body
    assert "Mailed to manager@clinic.example." in capsys.readouterr().out


def test_it_says_when_no_manager_could_be_mailed(capsys):
    call_command("break_glass", make.user().username, why="Fire")

    assert capsys.readouterr().err == "NO manager could be mailed: tell one yourself.\n"


@pytest.mark.parametrize("options", [{"why": " "}, {"why": "x", "minutes": 0}, {"why": "x", "minutes": 1441}])
def test_it_needs_a_reason_and_an_end(options):
    with pytest.raises(CommandError):
        call_command("break_glass", make.user().username, **options)

    assert EmergencyAccess.objects.exists() is False
