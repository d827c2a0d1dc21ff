"""Password and code are asked for again before anything changes how somebody signs in."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinic.accounts import roles
from clinic.models import StaffSession
from tests import make, security_lines
from tests.clinic.accounts.test_second_step import PASSWORD, WRONG, code, signed_in

pytestmark = pytest.mark.django_db

AGAIN, CHANGE = "/admin/step-up/", "/admin/password_change/"
NEW = {"new_password1": "seven brown kettles", "new_password2": "seven brown kettles"}


@pytest.fixture(autouse=True)
def clock(settings):
    settings.SECOND_FACTOR = True
    with time_machine.travel("2026-11-25T15:00:10Z", tick=False) as traveller:
        yield traveller


def at_work(role: str | None = roles.FRONT_DESK, **fields):
    """Somebody who has signed in with both, their browser, and the codes that are left."""
    user, codes = make.with_factor(role, **fields)
    client = signed_in(user)
    client.post("/admin/second-step/", {"code": codes.pop()})
    return user, client, codes


def give_again(client: Client, given: str):
    return client.post(AGAIN, {"password": PASSWORD, "code": given})


def where(answer) -> str:
    return answer.headers.get("Location", "").partition("?")[0]


def test_a_password_is_changed_after_password_and_code_were_given_again_and_no_later_than_ten_minutes(clock):
    user, client, codes = at_work()

    assert client.get(CHANGE).url == f"{AGAIN}?next=%2Fadmin%2Fpassword_change%2F"
    assert client.post(AGAIN, {"password": PASSWORD, "code": codes[0], "next": CHANGE}).url == CHANGE
    clock.shift(timedelta(minutes=9, seconds=59))
    assert client.get(CHANGE).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert where(client.post(CHANGE, NEW)) == AGAIN
    assert "Nothing was changed yet" in client.get(AGAIN).content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD) is True

    give_again(client, codes[1])
    assert client.post(CHANGE, NEW).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW["new_password1"]) is True
    assert client.get("/admin/").status_code == 200


def test_neither_of_the_two_is_enough():
    user, client, _ = at_work()

    for typed in (
        {"password": PASSWORD, "code": WRONG},
        {"password": PASSWORD},
        {"password": PASSWORD, "passkey": "{}"},
        {"password": "wrong horse battery", "code": code(user)},
        {"code": code(user)},
        {},
    ):
        assert client.post(AGAIN, typed).status_code == 200, typed
        assert where(client.get(CHANGE)) == AGAIN, typed
    # A code beside a wrong password was not looked at.
    assert give_again(client, code(user)).status_code == 302


def test_one_browser_that_gave_both_again_says_nothing_for_another():
    user, here, codes = at_work()
    there = signed_in(user)
    there.post("/admin/second-step/", {"code": codes[0]})

    give_again(here, codes[1])

    assert [where(each.get(CHANGE)) for each in (here, there)] == ["", AGAIN]


def test_the_session_has_another_key_after_it():
    user, client, codes = at_work()
    before = client.cookies["sessionid"].value

    give_again(client, codes[0])

    going_on = StaffSession.objects.filter(user=user, ended_at=None, pk=client.cookies["sessionid"].value)
    assert (client.cookies["sessionid"].value != before, going_on.count()) == (True, 1)


@pytest.mark.parametrize("page", ["add", "change", "password_change"])
def test_a_superuser_gives_both_again_before_an_account_changes(page):
    other = make.front_desk()
    _, client, codes = at_work(None, is_superuser=True)
    name = f"admin:auth_user_{page}"
    address = reverse(name, args=[] if page == "add" else [other.pk])

    before = [where(client.get(address)), where(client.post(address, {"is_superuser": "on"}))]
    give_again(client, codes[0])

    assert (before, client.get(address).status_code) == ([AGAIN, AGAIN], 200)


def test_a_site_without_a_second_factor_asks_for_the_password_again(settings):
    settings.SECOND_FACTOR = False
    client = signed_in(make.front_desk())

    assert where(client.get(CHANGE)) == AGAIN
    assert client.post(AGAIN, {"password": PASSWORD}).status_code == 302
    assert client.get(CHANGE).status_code == 200


def test_after_five_wrong_codes_none_is_read():
    _, client, codes = at_work()

    answers = [give_again(client, WRONG) for _ in range(5)]

    assert [each.status_code for each in answers] == [200] * 4 + [429]
    assert give_again(client, codes[0]).status_code == 429


def test_it_is_told_in_the_security_log():
    user, client, codes = at_work()

    with security_lines.kept() as log:
        client.post(AGAIN, {"password": "wrong horse battery", "code": codes[0]})
        client.post(AGAIN, {"password": PASSWORD, "code": WRONG})
        give_again(client, codes[0])
        client.post(CHANGE, NEW)

    events = ["password_wrong", "code_wrong", "stepped_up", "password_changed"]
    assert log.events("user") == [(each, user.pk) for each in events]
