"""Signing in with password and second factor: every address asks for both, and each link to set one up ends."""

import base64
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp import oath
from django_otp_webauthn.models import WebAuthnCredential

from clinic.accounts import roles, second_factor, secret_box
from clinic.models import SecondFactor
from tests import admin_pages, make

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
STEP = "/admin/second-step/"
WRONG = "000000"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.SECOND_FACTOR = True
    with time_machine.travel("2026-11-25T15:00:10Z", tick=False) as traveller:
        yield traveller


def signed_in(user, client: Client | None = None) -> Client:
    """A browser that gave the password."""
    client = client or Client()
    response = client.post("/admin/login/", {"username": user.username, "password": PASSWORD, "next": "/admin/"})
    assert response.status_code == 302
    return client


def code(user) -> str:
    seed = secret_box.decrypt(SecondFactor.objects.get(user=user).seed)
    return f"{oath.hotp(seed, int(timezone.now().timestamp()) // 30):06}"


# Signing in and out, and how long a session still lasts: they show nothing that the clinic knows.
OPEN = (
    "login",
    "logout",
    "signed_out",
    "seconds_left",
    "stay",
    "invitation",
    "forgotten",
    "new_password",
    "oidc",
    "oidc_callback",
)


def test_every_address_of_the_admin_leads_to_the_second_step_until_a_code_was_given():
    superuser = make.user(is_superuser=True)
    make.give_factor(superuser)
    client = signed_in(superuser)
    addresses = [address for name, address in admin_pages.of_the_site() if name not in OPEN]
    for model_admin in admin.site._registry.values():
        addresses += [admin_pages.filled(address, "1", "1") for _name, address in admin_pages.of_model(model_admin)]
    addresses = [each for each in addresses if not each.startswith(STEP)] + ["/admin/nothing-here/"]

    led = {each: client.get(each) for each in addresses} | {f"POST {each}": client.post(each) for each in addresses}

    assert len(addresses) > 80
    assert {
        name for name, answer in led.items() if answer.status_code != 302 or not answer.url.startswith(STEP)
    } == set()

    client.post(STEP, {"code": code(superuser)})
    assert client.get("/admin/").status_code == 200


def test_a_site_without_the_setting_asks_for_the_password_alone(settings):
    settings.SECOND_FACTOR = False

    assert signed_in(make.front_desk()).get("/admin/").status_code == 200


def test_a_code_leads_to_where_one_wanted_to_go_but_to_no_other_site():
    user, codes = make.with_factor(roles.FRONT_DESK)
    wanted = reverse("admin:appointments_inquiry_changelist")

    ours = signed_in(user).post(STEP, {"code": codes[0], "next": wanted})
    others = signed_in(user).post(STEP, {"code": codes[1], "next": "https://evil.example/"})

    assert (ours.url, others.url) == (wanted, "/admin/")


def test_five_wrong_codes_get_429_and_say_when_to_try_again():
    user, _ = make.with_factor()
    client = signed_in(user)

    answers = [client.post(STEP, {"code": WRONG}) for _ in range(6)]
    right = client.post(STEP, {"code": code(user)})

    assert [each.status_code for each in [*answers, right]] == [200] * 4 + [429] * 3
    assert right.headers["Retry-After"] == "900"
    assert client.get("/admin/").url.startswith(STEP)


def test_who_stops_halfway_can_sign_out():
    user, _ = make.with_factor()
    client = signed_in(user)

    client.post("/admin/logout/")

    assert client.get("/admin/").url == "/admin/login/?next=/admin/"


def test_the_first_sign_in_sets_a_factor_up_and_shows_backup_codes_once():
    user = make.front_desk()
    client = signed_in(user)
    page = client.get(STEP, follow=True)
    link = page.redirect_chain[-1][0]
    seed = base64.b32decode(page.context_data["seed"].replace(" ", ""))
    shown = f"{oath.hotp(seed, int(timezone.now().timestamp()) // 30):06}"

    wrong = client.post(link, {"code": WRONG})
    right = client.post(link, {"code": shown})

    assert wrong.context_data["seed"] == page.context_data["seed"]
    codes = re.findall(r"[2-9A-Z]{5}-[2-9A-Z]{5}", right.content.decode())
    assert len(set(codes)) == 10
    assert "no-store" in right.headers["Cache-Control"]
    assert client.get("/admin/").status_code == 200
    assert client.get(link).status_code == 302
    assert second_factor.check(user=user, code=codes[0]).is_right is True


def test_the_picture_is_drawn_here_and_says_the_seed():
    client = signed_in(make.front_desk())
    page = client.get(STEP, follow=True)

    picture = re.search(r'<img class="qr" src="data:image/svg\+xml;base64,([^"]+)"', page.content.decode()).group(1)

    assert base64.b64decode(picture).startswith(b'<svg xmlns="http://www.w3.org/2000/svg"')


def test_nobody_sets_a_factor_up_after_72_hours_or_with_another_ones_link(clock):
    user, other = make.front_desk(), make.front_desk()
    link = signed_in(user).get(STEP).url
    others = signed_in(other).get(link)

    clock.shift(timedelta(hours=73))
    client = signed_in(user)

    assert [others.status_code, client.get(link).status_code, client.get(STEP).status_code] == [403] * 3


def test_an_account_that_was_reset_is_set_up_by_the_mailed_link_alone():
    user, _ = make.with_factor()
    token = second_factor.reset(user)
    client = signed_in(user)

    assert client.get(STEP).status_code == 403
    assert client.get(f"{STEP}set-up/{token}/").status_code == 200


def test_the_password_alone_is_enough_on_the_same_browser_for_12_hours_after_the_code(clock):
    user, codes = make.with_factor()
    client = signed_in(user)
    client.post(STEP, {"code": codes[0]})

    clock.shift(timedelta(hours=11, minutes=59))
    client.cookies.pop("sessionid")
    within = signed_in(user, client).get("/admin/").status_code
    clock.shift(timedelta(minutes=2))
    client.cookies.pop("sessionid")
    after = signed_in(user, client).get("/admin/").url

    assert (within, after) == (200, f"{STEP}?next=%2Fadmin%2F")
    assert client.cookies["second_factor"]["path"] == "/admin/"
    assert client.cookies["second_factor"]["httponly"] is True


def test_a_browser_is_remembered_for_its_user_alone_and_until_password_or_factor_change():
    user, codes = make.with_factor()
    other, _ = make.with_factor()
    client = signed_in(user)
    client.post(STEP, {"code": codes[0]})
    cookie = client.cookies["second_factor"].value

    def is_asked(who) -> bool:
        browser = Client()
        browser.cookies.load({"second_factor": cookie})
        return signed_in(who, browser).get("/admin/").status_code == 302

    assert [is_asked(user), is_asked(other)] == [False, True]
    user.set_password(PASSWORD)
    user.save()
    assert is_asked(user) is True


@pytest.mark.parametrize("posted", ["", "x", "null", "[]", "{}", "[" * 20000, '{"id": 1, "rawId": {}, "response": []}'])
def test_what_is_no_passkey_opens_nothing_and_is_no_fault_of_ours(posted):
    user, other = make.user(), make.with_factor()[0]
    WebAuthnCredential.objects.create(user=other, credential_id=b"x", public_key=b"x")
    setting_up, asked = signed_in(user), signed_in(other)
    link = setting_up.get(STEP).url
    setting_up.get(link)
    asked.get(STEP)

    answers = [setting_up.post(link, {"passkey": posted}), asked.post(STEP, {"passkey": posted})]

    assert [each.status_code for each in answers] == [200, 200]
    assert [client.get("/admin/").status_code for client in (setting_up, asked)] == [302, 302]
