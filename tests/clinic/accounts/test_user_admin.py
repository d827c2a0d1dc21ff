"""Accounts of others: a manager invites, stops, gives roles and resets, within what managers have themselves."""

import re

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client
from django.urls import reverse

from clinic.accounts import roles, second_factor
from clinic.models import StaffSession
from tests import make, security_lines
from tests.clinic.accounts.test_second_step import signed_in
from tests.clinic.accounts.test_step_up import AGAIN, at_work, give_again, where

pytestmark = pytest.mark.django_db

LIST = "/admin/auth/user/"
NEW = {"username": "dora", "first_name": "Dora", "last_name": "Desk", "email": "dora@clinic.example"}


@pytest.fixture(autouse=True)
def clock(settings):
    settings.SECOND_FACTOR = True
    with time_machine.travel("2026-11-25T15:00:10Z", tick=False) as traveller:
        yield traveller


def at_home(role: str | None = roles.MANAGER, **fields):
    """Somebody who gave both again, and their browser."""
    user, client, codes = at_work(role, **fields)
    give_again(client, codes[0])
    return user, client


def page_of(account, rest: str = "change") -> str:
    return f"{LIST}{account.pk}/{rest}/"


def reset(account) -> str:
    return page_of(account, "reset-second-step")


def link_in(sent) -> str:
    """The path in a mail."""
    return "/admin/" + sent.body.partition("/admin/")[2].split()[0]


def test_a_manager_resets_the_factor_of_another_who_is_signed_out_and_mailed_a_link():
    manager, client = at_home()
    desk, there, codes = at_work(email="desk@clinic.example")
    assert f'href="{reset(desk)}"' in client.get(LIST).content.decode()
    assert f'href="{reset(desk)}"' in client.get(page_of(desk)).content.decode()
    assert client.get(reset(desk)).status_code == 200
    assert there.get("/admin/").status_code == 200

    with security_lines.kept() as log:
        client.post(reset(desk))

    assert log.events("user", "account") == [("factor_reset", manager.pk, desk.pk)]
    assert where(there.get("/admin/")) == "/admin/login/"
    assert StaffSession.objects.filter(user=desk, ended_at=None).count() == 0
    assert second_factor.check(user=desk, code=codes[0]).is_right is False
    assert [each.to for each in mail.outbox] == [["desk@clinic.example"]]
    link = link_in(mail.outbox[0])
    assert [signed_in(desk).get(link).status_code, Client().get(link).status_code] == [200, 302]


def test_a_reset_asks_the_manager_for_password_and_code_again():
    _, client, _ = at_work(roles.MANAGER)
    desk, codes = make.with_factor(email="desk@clinic.example")

    answers = [client.get(reset(desk)), client.post(reset(desk))]

    assert [where(each) for each in answers] == [AGAIN, AGAIN]
    assert second_factor.check(user=desk, code=codes[0]).is_right is True


def test_nobody_resets_their_own_a_superusers_or_without_the_right():
    manager, client = at_home()
    _, desk = at_home(roles.FRONT_DESK)
    chief = make.user(is_superuser=True, email="chief@clinic.example")
    colleague = make.front_desk(email="ben@clinic.example")
    stopped = make.front_desk(email="eva@clinic.example", is_active=False)

    refused = [client.post(reset(each)).status_code for each in (manager, chief, stopped)]

    assert (refused, desk.post(reset(colleague)).status_code, mail.outbox) == ([403] * 3, 403, [])
    links = re.findall(r"/admin/auth/user/(\d+)/reset-second-step/", client.get(LIST).content.decode())
    assert [int(each) for each in links if int(each) in (manager.pk, chief.pk, stopped.pk)] == []
    assert int(links[0]) in get_user_model().objects.values_list("pk", flat=True)


def test_without_an_address_nothing_is_reset_and_without_mail_the_manager_sees_it(monkeypatch):
    _, client = at_home()
    silent, codes = make.with_factor()
    desk, _ = make.with_factor(email="desk@clinic.example")

    page = client.post(reset(silent))
    monkeypatch.setattr("django.core.mail.EmailMessage.send", broken)
    after = client.post(reset(desk), follow=True)

    assert "no link can be mailed" in page.content.decode()
    assert second_factor.check(user=silent, code=codes[0]).is_right is True
    assert "could not be sent" in after.content.decode()


def broken(*args, **kwargs):
    raise OSError("The mail server is away")


def invited(client, **fields):
    """The page after a manager has entered somebody, and that account."""
    answer = client.post(f"{LIST}add/", {**NEW, "groups": [role(roles.FRONT_DESK)], **fields}, follow=True)
    return answer, get_user_model().objects.filter(username="dora").first()


def role(name: str) -> int:
    return Group.objects.get(name=name).pk


@pytest.mark.django_db(transaction=True)
def test_somebody_new_chooses_a_password_by_a_mailed_link_and_then_sets_a_factor_up():
    _, client = at_home()

    with security_lines.kept() as log:
        page, dora = invited(client)

    assert [event for event, *_ in log.events()] == ["account_added", "invited"]
    assert (dora.is_staff, dora.has_usable_password(), list(dora.groups.values_list("name", flat=True))) == (
        True, False, [roles.FRONT_DESK],
    )  # fmt: skip
    assert "We mailed a link to dora@clinic.example." in page.content.decode()
    link, new = link_in(mail.outbox[0]), Client()
    assert (mail.outbox[0].to, "seven" in mail.outbox[0].body) == (["dora@clinic.example"], False)
    weak = new.post(link, {"new_password1": "clinicspine1", "new_password2": "clinicspine1"})
    right = new.post(link, {"new_password1": "seven brown kettles", "new_password2": "seven brown kettles"})
    again = new.post(link, {"new_password1": "eight brown kettles", "new_password2": "eight brown kettles"})
    assert [each.status_code for each in (weak, right, again)] == [200, 200, 403]
    assert "Your password is set" in right.content.decode()
    dora.refresh_from_db()
    assert dora.check_password("seven brown kettles") is True
    assert new.get("/admin/").url.startswith("/admin/login/")
    new.post("/admin/login/", {"username": "dora", "password": "seven brown kettles"})
    assert "/second-step/set-up/" in new.get("/admin/second-step/").url


@pytest.mark.django_db(transaction=True)
def test_an_invitation_ends_after_72_hours_and_is_mailed_again_by_a_button(clock):
    _, client = at_home()
    _, dora = invited(client)
    assert f'href="{page_of(dora, "invite")}"' in client.get(page_of(dora)).content.decode()
    client.post(page_of(dora, "invite"))
    first, second = (link_in(each) for each in mail.outbox)

    clock.shift(72 * 60 * 60)
    within = Client().get(second).status_code
    clock.shift(2)

    assert [within, Client().get(first).status_code, Client().get(second).status_code] == [200, 403, 403]


def test_who_has_a_password_is_not_invited():
    _, client = at_home()

    assert client.post(page_of(make.front_desk(email="ben@clinic.example"), "invite")).status_code == 403
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_a_manager_sees_when_an_invitation_was_not_mailed(monkeypatch):
    _, client = at_home()
    monkeypatch.setattr("django.core.mail.EmailMessage.send", broken)

    page, dora = invited(client)

    assert (dora is not None, "could not be sent" in page.content.decode()) == (True, True)


@pytest.mark.parametrize("email", ["", "ben@clinic.example", "BEN@clinic.example", "dora@localhost"])
def test_somebody_new_needs_an_address_of_their_own(email):
    _, client = at_home()
    make.user(email="ben@clinic.example")

    assert invited(client, email=email)[1] is None


def test_a_manager_gives_no_right_that_managers_do_not_have():
    _, client = at_home()
    Group.objects.create(name="Owners").permissions.add(Permission.objects.get(codename="delete_user"))

    refused = invited(client, groups=[role("Owners")])[1]
    _, dora = invited(client, is_superuser="on", user_permissions=[Permission.objects.get(codename="delete_user").pk])

    assert (refused, dora.is_superuser, dora.user_permissions.count()) == (None, False, 0)
    client.post(page_of(dora), {**NEW, "is_active": "on", "is_superuser": "on", "groups": [role(roles.MANAGER)]})
    dora.refresh_from_db()
    assert (dora.is_superuser, list(dora.groups.values_list("name", flat=True))) == (False, [roles.MANAGER])


def test_a_manager_changes_neither_their_own_account_nor_one_with_more_than_roles():
    manager, client = at_home()
    chief, other = make.user(is_superuser=True), make.user()
    other.user_permissions.add(Permission.objects.get(codename="delete_user"))

    answers = [client.post(page_of(each), {"username": "taken"}).status_code for each in (manager, chief, other)]
    passwords = [client.get(page_of(each, "password")).status_code for each in (manager, chief, make.front_desk())]

    assert (answers, passwords) == ([403] * 3, [403] * 3)


@pytest.mark.parametrize("email", ["ben@clinic.example", ""])
def test_a_manager_leads_nobodys_mails_to_another_address_once_they_have_signed_in(email):
    _, client = at_home()
    desk = make.front_desk(username="ben", email=email)
    said = {"username": "ben", "email": "thief@clinic.example", "is_active": "on", "groups": [role(roles.FRONT_DESK)]}
    signed_in(desk)

    client.post(page_of(desk), said | {"first_name": "Ben"})

    desk.refresh_from_db()
    assert (desk.email, desk.first_name) == (email, "Ben")


def test_who_is_stopped_by_a_manager_is_signed_out_and_it_is_told():
    manager, client = at_home()
    desk, there, _ = at_work(username="ben", email="ben@clinic.example")

    with security_lines.kept() as log:
        client.post(page_of(desk), {"username": "ben", "groups": [role(roles.FRONT_DESK)]})

    assert where(there.get("/admin/")) == "/admin/login/"
    assert log.events("user", "account") == [("account_changed", manager.pk, desk.pk)]


def test_an_address_that_a_superuser_changes_is_mailed_to_both(django_capture_on_commit_callbacks):
    _, client = at_home(None, is_superuser=True)
    desk = make.front_desk(username="ben", email="ben@clinic.example")
    said = {"username": "ben", "email": "new@clinic.example", "is_active": "on", "is_staff": "on"}
    page = client.get(page_of(desk)).content.decode()
    dates = dict(re.findall(r'name="(date_joined_[01])" value="([^"]*)"', page))

    with django_capture_on_commit_callbacks(execute=True), security_lines.kept() as log:
        client.post(page_of(desk), said | dates)

    assert sorted(each.to[0] for each in mail.outbox) == ["ben@clinic.example", "new@clinic.example"]
    assert [event for event, *_ in log.events()] == ["account_changed", "email_changed"]


def test_a_password_that_a_superuser_sets_is_told():
    chief, client = at_home(None, is_superuser=True)
    desk = make.front_desk(email="ben@clinic.example")
    typed = {"password1": "seven brown kettles", "password2": "seven brown kettles", "usable_password": "true"}

    with security_lines.kept() as log:
        client.post(reverse("admin:auth_user_password_change", args=[desk.pk]), typed)

    assert log.events("user", "account") == [("password_changed", chief.pk, desk.pk)]


def test_the_list_asks_as_often_for_many_accounts_as_for_few(django_assert_max_num_queries):
    _, client = at_home()
    client.get(LIST)
    with django_assert_max_num_queries(40) as few:
        client.get(LIST)
    for _ in range(10):
        make.with_factor(roles.FRONT_DESK)
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert client.get(LIST).status_code == 200
