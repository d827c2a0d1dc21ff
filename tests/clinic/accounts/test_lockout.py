"""Who may try how often to sign in, what somebody reads who may not, and that nobody locks the desk out."""

import re
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.utils import timezone

from appointments import tasks
from clinic.accounts import cookies, hashing, limits
from clinic.models import WrongPasswords
from tests import make
from tests.racing import at_once

LOGIN = "/admin/login/"
RIGHT, WRONG = "correct horse battery", "wrong horse battery"
HERE, ELSEWHERE = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.2"}


@pytest.fixture
def looked_at(monkeypatch) -> list[str]:
    """The passwords that were hashed and compared."""
    found, real = [], ModelBackend.authenticate

    def look(self, request, username=None, password=None, **kwargs):
        found.append(password)
        return real(self, request, username=username, password=password, **kwargs)

    monkeypatch.setattr(ModelBackend, "authenticate", look)
    return found


@pytest.fixture
def known_desk() -> Client:
    """A browser that rosa.desk has signed in with before."""
    make.front_desk(username="rosa.desk")
    browser = Client()
    sign_in(browser, "rosa.desk", RIGHT)
    browser.cookies.pop("sessionid")
    return browser


def sign_in(client: Client, name: str, password: str, **where: str):
    return client.post(LOGIN, {"username": name, "password": password}, **where or HERE)


def type_wrong_passwords(client: Client, name: str, **where: str) -> list[int]:
    return [sign_in(client, name, WRONG, **where).status_code for _ in range(limits.WRONG_PASSWORDS)]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["rosa.desk", "nobody"])
def test_after_five_wrong_passwords_none_is_looked_at_for_a_quarter_of_an_hour(client, looked_at, name):
    make.front_desk(username="rosa.desk")
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        assert type_wrong_passwords(client, name) == [200] * 5

        refused = sign_in(client, name, RIGHT)
        page = refused.content.decode()
        assert (refused.status_code, refused.headers["Retry-After"], looked_at) == (429, "900", [WRONG] * 5)
        assert "The password was wrong 5 times. Please try again in 15 minutes." in page
        assert "ask the clinic’s manager" in page
        assert f'name="username" value="{name}"' in page
        assert RIGHT not in page

        traveller.shift(timedelta(minutes=14, seconds=1))
        refused = sign_in(client, name, RIGHT)
        assert (refused.headers["Retry-After"], "in 1 minute." in refused.content.decode()) == ("59", True)

        traveller.shift(timedelta(seconds=59))
        assert sign_in(client, name, RIGHT).status_code == (302 if name == "rosa.desk" else 200)


@pytest.mark.django_db(transaction=True)
def test_sixteen_wrong_passwords_at_once_count_sixteen_and_five_are_looked_at(looked_at):
    make.front_desk(username="rosa.desk")

    def post() -> None:
        assert authenticate(RequestFactory().post(LOGIN, **HERE), username="rosa.desk", password=WRONG) is None

    assert at_once(*[post] * 16) == {"ok": 5, "LockedOut": 11}
    assert looked_at == [WRONG] * 5
    assert sorted(WrongPasswords.objects.values_list("number", flat=True)) == [5, 16]  # From the address, of the user.


@pytest.mark.django_db
def test_a_right_password_begins_the_count_anew(client):
    make.front_desk(username="rosa.desk")
    for _ in range(3):
        assert [sign_in(client, "rosa.desk", WRONG).status_code for _ in range(4)] == [200] * 4
        assert sign_in(client, "rosa.desk", RIGHT).status_code == 302
        client.cookies.clear()

    assert [row.number for row in WrongPasswords.objects.all()] == [12]  # From this address, whoever was meant.


@pytest.mark.django_db
def test_who_tries_one_password_at_many_accounts_waits_after_thirty(client, looked_at, known_desk):
    make.front_desk(username="ben.desk")
    tried = [sign_in(Client(), f"user{number}", WRONG).status_code for number in range(limits.WRONG_FROM_AN_ADDRESS)]
    looked_at.clear()

    refused = sign_in(client, "ben.desk", RIGHT)

    assert (tried, refused.status_code, refused.headers["Retry-After"], looked_at) == ([200] * 30, 429, "900", [])
    assert "Very many wrong passwords came from your network" in refused.content.decode()
    assert sign_in(Client(), "ben.desk", RIGHT, **ELSEWHERE).status_code == 302
    assert sign_in(known_desk, "rosa.desk", RIGHT).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_many_accounts_that_are_tried_at_once_thirty_are_looked_at(monkeypatch):
    looked_at = []
    # Without a hash: no thread waits for its place.
    monkeypatch.setattr(ModelBackend, "authenticate", lambda *args, **said: looked_at.append(said["password"]))

    def post(name: str) -> None:
        authenticate(RequestFactory().post(LOGIN, **HERE), username=name, password=WRONG)

    posts = [partial(post, f"user{number}") for number in range(limits.WRONG_FROM_AN_ADDRESS + 6)]

    assert at_once(*posts) == {"ok": 30, "LockedOut": 6}
    assert looked_at == [WRONG] * 30


@pytest.mark.django_db
def test_right_passwords_are_not_counted_among_those_of_a_network_and_forgive_it_nothing(client):
    make.front_desk(username="rosa.desk")
    for number in range(limits.WRONG_FROM_AN_ADDRESS - 1):
        sign_in(Client(), f"user{number}", WRONG)
        assert sign_in(Client(), "rosa.desk", RIGHT).status_code == 302

    assert sign_in(Client(), "somebody", WRONG).status_code == 200
    assert sign_in(Client(), "rosa.desk", RIGHT).status_code == 429


@pytest.mark.django_db
def test_where_no_address_is_known_no_network_waits():
    make.front_desk(username="rosa.desk")
    for number in range(limits.WRONG_FROM_AN_ADDRESS + 1):
        sign_in(Client(), f"user{number}", WRONG, REMOTE_ADDR="127.0.0.1")

    assert sign_in(Client(), "rosa.desk", RIGHT, REMOTE_ADDR="127.0.0.1").status_code == 302


@pytest.mark.django_db
def test_another_address_and_another_user_are_counted_apart():
    make.front_desk(username="rosa.desk")
    make.front_desk(username="ben.desk")
    type_wrong_passwords(Client(), "rosa.desk")

    assert sign_in(Client(), "rosa.desk", RIGHT).status_code == 429
    assert sign_in(Client(), "rosa.desk", RIGHT, **ELSEWHERE).status_code == 302
    assert sign_in(Client(), "ben.desk", RIGHT).status_code == 302


@pytest.mark.django_db
def test_who_signed_in_with_a_browser_before_is_not_locked_out_of_it_from_the_same_address(client):
    make.front_desk(username="rosa.desk")
    make.front_desk(username="ben.desk")
    for name in ("rosa.desk", "ben.desk"):
        sign_in(client, name, RIGHT)
    client.cookies.pop("sessionid")
    for name in ("rosa.desk", "ben.desk"):
        type_wrong_passwords(Client(), name)

    assert [sign_in(Client(), name, RIGHT).status_code for name in ("rosa.desk", "ben.desk")] == [429, 429]
    assert [sign_in(client, name, RIGHT).status_code for name in ("rosa.desk", "ben.desk")] == [302, 302]


@pytest.mark.django_db
def test_a_known_browser_is_locked_out_by_its_own_wrong_passwords_and_for_other_users_unknown(client):
    make.front_desk(username="rosa.desk")
    make.front_desk(username="ben.desk")
    sign_in(client, "rosa.desk", RIGHT)
    client.cookies.pop("sessionid")
    type_wrong_passwords(client, "rosa.desk")
    type_wrong_passwords(Client(), "ben.desk")

    assert sign_in(client, "rosa.desk", RIGHT).status_code == 429
    assert sign_in(Client(), "rosa.desk", RIGHT).status_code == 302
    assert sign_in(client, "ben.desk", RIGHT).status_code == 429


@pytest.mark.django_db
def test_the_cookie_of_a_known_browser_stays_under_admin_and_names_nobody(client):
    make.front_desk(username="rosa.desk")

    cookie = sign_in(client, "rosa.desk", RIGHT).cookies[cookies.KNOWN_BROWSER]

    kept = {name: cookie[name] for name in ("path", "httponly", "samesite", "max-age")}
    assert kept == {"path": "/admin/", "httponly": True, "samesite": "Lax", "max-age": 365 * 24 * 60 * 60}
    assert "rosa" not in cookie.value
    forged = Client()
    forged.cookies[cookies.KNOWN_BROWSER] = re.sub(r"^.", lambda sign: "A" if sign[0] != "A" else "B", cookie.value)
    type_wrong_passwords(Client(), "rosa.desk")
    assert sign_in(forged, "rosa.desk", RIGHT).status_code == 429


@pytest.mark.django_db
def test_nobody_guesses_at_an_open_desk_the_password_that_is_asked_for_before_a_new_one(client):
    client.force_login(make.front_desk())
    tried = [client.post("/admin/step-up/", {"password": WRONG}).status_code for _ in range(5)]

    refused = client.post("/admin/step-up/", {"password": RIGHT})

    assert (tried, refused.status_code) == ([200] * 5, 429)
    assert "The password was wrong 5 times." in refused.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("refusal", "status"), [(hashing.NoPlace(), 429), (OperationalError("away"), 503)])
def test_a_password_that_nobody_could_look_at_was_no_wrong_one(client, monkeypatch, refusal, status):
    make.front_desk(username="rosa.desk")
    client.raise_request_exception = False

    def find_no_place(self, request, **kwargs):
        raise refusal

    with monkeypatch.context() as patched:
        patched.setattr(ModelBackend, "authenticate", find_no_place)
        assert [sign_in(client, "rosa.desk", RIGHT).status_code for _ in range(9)] == [status] * 9

    assert sign_in(client, "rosa.desk", RIGHT).status_code == 302


@pytest.mark.django_db
def test_the_night_forgets_what_counts_no_longer(client):
    type_wrong_passwords(client, "rosa.desk")
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        type_wrong_passwords(client, "ben.desk")
    assert "rosa" not in WrongPasswords.objects.first().name

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        tasks.forget_wrong_passwords(0)
        assert WrongPasswords.objects.count() == 2  # Of ben.desk, and from the address.
    with time_machine.travel(timezone.now() + timedelta(minutes=26)):
        tasks.forget_wrong_passwords(0)
        assert not WrongPasswords.objects.exists()
