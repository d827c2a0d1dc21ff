"""When staff are signed out, what they see of their sessions, and what public pages see of it: nothing."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from appointments import tasks
from clinic.accounts import cookies, limits, views
from clinic.models import StaffSession
from clinic.models.staff_session import LIFETIME
from tests import make

pytestmark = pytest.mark.django_db

INBOX, ASK, SESSIONS = "/admin/appointments/inquiry/", "/admin/session/", "/admin/sessions/"


@pytest.fixture
def traveller():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def signed_in(user, **headers: str) -> Client:
    client = Client(headers=headers)
    answer = client.post("/admin/login/", {"username": user.username, "password": "correct horse battery"})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    """Whether the browser is signed in, asked as by a script: that keeps nobody signed in."""
    return client.get(ASK).json()["seconds"] > 0


def test_who_does_nothing_for_a_quarter_of_an_hour_is_signed_out(traveller):
    client = signed_in(make.front_desk())
    for _ in range(3):
        traveller.shift(timedelta(minutes=14))
        assert client.get(INBOX).status_code == 200

    traveller.shift(timedelta(minutes=14, seconds=59))
    assert is_in(client)
    traveller.shift(timedelta(seconds=1))
    assert (is_in(client), client.get(INBOX).status_code) == (False, 302)
    assert StaffSession.objects.get().session_data == ""


def test_the_manager_says_how_many_minutes(traveller):
    make.clinic(idle_minutes=5)
    client = signed_in(make.front_desk())

    traveller.shift(timedelta(minutes=5))

    assert not is_in(client)


def test_a_script_that_only_asks_keeps_nobody_signed_in(traveller):
    client = signed_in(make.front_desk())
    seconds = []
    for _ in range(3):
        traveller.shift(timedelta(minutes=6))
        seconds.append(client.get(ASK).json()["seconds"])
    assert seconds == [540, 180, 0]

    client = signed_in(make.front_desk())
    traveller.shift(timedelta(minutes=14))
    assert client.get("/admin/session/stay/").json() == {"seconds": 900}
    traveller.shift(timedelta(minutes=14))
    assert client.get(ASK).json() == {"seconds": 60}


def test_nobody_stays_signed_in_for_more_than_twelve_hours(traveller):
    client = signed_in(make.front_desk())
    for _ in range(12 * 6 - 1):
        traveller.shift(timedelta(minutes=10))
        assert client.get("/admin/session/stay/").json()["seconds"] > 0

    traveller.shift(timedelta(minutes=10))

    assert (is_in(client), client.get(INBOX).status_code) == (False, 302)


def test_staff_see_where_they_are_signed_in_and_end_one_of_it():
    rosa = make.front_desk()
    here, there = signed_in(rosa, user_agent="Chrome at the desk"), signed_in(rosa, user_agent="Safari at home")
    other = signed_in(make.front_desk(), user_agent="Somebody else’s")
    page = here.get(SESSIONS).content.decode()

    named = re.findall(r'name="session" value="(.+?)"', page)
    assert (len(named), "Chrome at the desk" in page, "Safari at home" in page) == (1, True, True)
    assert "Somebody else’s" not in page
    assert StaffSession.objects.exclude(pk=here.session.session_key).first().pk not in page

    other.post(SESSIONS, {"session": named[0]})
    assert is_in(there)
    here.post(SESSIONS, {"session": named[0]})
    assert [is_in(each) for each in (here, there, other)] == [True, False, True]


def test_a_browser_is_named_as_its_user_knows_it():
    chrome = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"
    )
    safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 Version/18.1 Mobile Safari/604.1"

    names = [views.browser_name(agent) for agent in (chrome, f"{chrome} Edg/131.0", safari, "curl/8", "")]

    assert names == ["Chrome, Windows", "Edge, Windows", "Safari, iPhone", "curl/8", ""]


def test_who_is_signed_in_once_is_offered_no_sign_out_elsewhere():
    rosa = make.front_desk()
    here = signed_in(rosa)

    assert 'name="others"' not in here.get(SESSIONS).content.decode()
    signed_in(rosa)
    assert 'name="others"' in here.get(SESSIONS).content.decode()


def test_staff_sign_out_everywhere_else():
    rosa = make.front_desk()
    here, there, other = signed_in(rosa), signed_in(rosa), signed_in(make.front_desk())

    here.post(SESSIONS, {"others": "1"})

    assert [is_in(each) for each in (here, there, other)] == [True, False, True]


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, {"password": make_password("new")}])
def test_a_user_who_is_stopped_is_signed_out_at_once_and_stays_so(change):
    """Also where nothing was asked meanwhile, and whoever changes it: a command, a shell, a bulk update."""
    rosa, eve = make.front_desk(), make.front_desk()
    client, other = signed_in(rosa), signed_in(eve)
    before = {name: getattr(rosa, name) for name in change}

    get_user_model().objects.filter(pk=rosa.pk).update(**change)
    ended = StaffSession.objects.get(user=rosa)
    get_user_model().objects.filter(pk=rosa.pk).update(**before)

    assert (ended.ended_at is not None, ended.session_data) == (True, "")
    assert ended.expire_date - ended.ended_at == LIFETIME
    assert [is_in(client), is_in(other)] == [False, True]


def test_a_manager_who_stops_somebody_in_the_admin_signs_them_out():
    rosa = make.front_desk()
    client, manager = signed_in(rosa), signed_in(make.user(is_superuser=True))
    manager.post("/admin/step-up/", {"password": "correct horse battery"})
    address = reverse("admin:auth_user_change", args=[rosa.pk])
    form = {"username": rosa.username, "is_staff": "on", "date_joined_0": "2026-01-01", "date_joined_1": "12:00"}

    assert manager.post(address, form).status_code == 302
    assert StaffSession.objects.get(user=rosa).ended_at is not None
    assert manager.post(address, form | {"is_active": "on"}).status_code == 302

    assert [is_in(client), is_in(manager)] == [False, True]


def test_a_session_is_read_with_its_user_at_once():
    client = Client()
    client.force_login(make.front_desk())

    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("admin:sessions")).status_code == 200

    [read] = [each["sql"] for each in asked if '"auth_user"' in each["sql"]]
    assert 'FROM "clinic_staffsession"' in read


def test_what_changes_else_of_an_account_signs_nobody_out():
    rosa = make.front_desk()
    client = signed_in(rosa)

    get_user_model().objects.filter(pk=rosa.pk).update(last_name="Lind", is_active=True, is_superuser=True)
    rosa.groups.clear()

    assert is_in(client)


def test_a_new_password_ends_the_other_sessions():
    rosa = make.front_desk()
    here, there = signed_in(rosa), signed_in(rosa)
    new = {"new_password1": "seven brown kettles", "new_password2": "seven brown kettles"}

    here.post("/admin/step-up/", {"password": "correct horse battery"})
    answer = here.post("/admin/password_change/", new)

    assert answer.status_code == 302
    assert StaffSession.objects.filter(user=rosa, ended_at=None).count() == 1
    assert [is_in(here), is_in(there)] == [True, False]


def test_what_was_ended_does_not_come_back_with_a_request_under_way():
    client = signed_in(make.front_desk())
    under_way = client.session
    under_way["word"] = "late"
    StaffSession.objects.end(timezone.now())

    with pytest.raises(UpdateError):
        under_way.save()

    assert StaffSession.objects.get().session_data == ""


def test_signing_out_clears_the_browser_which_stays_known():
    rosa = make.front_desk()
    client = signed_in(rosa)

    answer = client.post("/admin/logout/")

    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert answer.cookies["sessionid"].value == ""
    for name in list(client.cookies):
        client.cookies.pop(name)
    page = client.get(answer.headers["Location"])
    assert (page.status_code, "You are signed out." in page.content.decode()) == (200, True)
    assert client.cookies[cookies.KNOWN_BROWSER]["path"] == "/admin/"
    for _ in range(limits.WRONG_PASSWORDS):
        Client().post("/admin/login/", {"username": rosa.username, "password": "wrong"})
    assert (
        client.post("/admin/login/", {"username": rosa.username, "password": "correct horse battery"}).status_code
        == 302
    )


@pytest.mark.parametrize("address", ["/", "/appointments/", "/robots.txt", "/nowhere/"])
def test_public_pages_are_the_same_with_and_without_the_cookies_of_staff(settings, address):
    make.clinic()
    plain = Client().get(address)
    broken, whole = Client(), signed_in(make.front_desk())
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        broken.cookies[name] = "x"
        if name in whole.cookies:
            whole.cookies[name]["path"] = "/"

    for client in (broken, whole):
        answer = client.get(address)
        assert (answer.content, dict(answer.headers), answer.cookies) == (plain.content, dict(plain.headers), {})


def test_the_night_deletes_sessions_that_are_over(traveller):
    client = signed_in(make.front_desk())
    traveller.shift(timedelta(minutes=15))
    assert not is_in(client)
    tasks.clear_sessions(0)
    assert StaffSession.objects.count() == 1

    traveller.shift(timedelta(hours=12, seconds=1))
    tasks.clear_sessions(0)

    assert not StaffSession.objects.exists()
