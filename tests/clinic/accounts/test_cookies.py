"""The cookies of staff's browsers on an https site: no other host can set them, no script reads them."""

import ast

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from django_otp import oath

from clinic.accounts import roles, second_factor, secret_box, sessions
from clinic.models import SecondFactor
from tests import make
from tests.clinic.test_settings import PRODUCTION, read

pytestmark = pytest.mark.django_db

SETTINGS = ["HTTPS"] + [
    f"{cookie}_COOKIE_{what}"
    for cookie in ("SESSION", "CSRF")
    for what in ("NAME", "PATH", "SECURE", "HTTPONLY", "SAMESITE")
]
OURS = {"__Host-session", "__Host-csrf", "__Host-known-browser", "__Host-second_factor"}


@pytest.fixture
def https(settings):
    """The cookies' settings as a process with an https SITE_URL reads them."""
    for name, value in zip(SETTINGS, ast.literal_eval(read(*SETTINGS, **PRODUCTION).stdout), strict=True):
        setattr(settings, name, value)
    settings.SECOND_FACTOR = True


def cookies_of_a_sign_in() -> dict:
    """All that signing in with both steps sets, by name."""
    user, _codes = make.with_factor(roles.FRONT_DESK)
    client = Client()
    client.get("/admin/login/", secure=True)
    client.post("/admin/login/", {"username": user.username, "password": "correct horse battery"}, secure=True)
    seed = secret_box.decrypt(SecondFactor.objects.get(user=user).seed)
    code = f"{oath.hotp(seed, int(timezone.now().timestamp()) // second_factor.STEP):06}"
    assert client.post("/admin/second-step/", {"code": code}, secure=True).status_code == 302
    return dict(client.cookies)


def test_each_belongs_to_this_host_alone_goes_over_https_and_is_read_by_no_script(https):
    found = cookies_of_a_sign_in()

    assert set(found) == OURS
    about = {
        (each["path"], each["domain"], each["secure"], each["httponly"], each["samesite"]) for each in found.values()
    }
    assert about == {("/", "", True, True, "Lax")}


def test_public_pages_neither_see_nor_set_one(https):
    make.clinic()
    found = cookies_of_a_sign_in()
    sent = "; ".join(f"{name}={each.value}" for name, each in found.items())
    seen = []
    middleware = sessions.ignore_staff_cookies(lambda request: seen.append(set(request.COOKIES)) or HttpResponse())

    for path in ("/", "/admin/", "/appointments/"):
        middleware(RequestFactory().get(path, headers={"cookie": f"{sent}; proof=x"}))
        answer = Client(headers={"cookie": sent}).get(path, secure=True)
        assert (set(answer.cookies) & OURS != set()) == (path == "/admin/"), path

    assert seen == [{"proof"}, OURS | {"proof"}, {"proof"}]
