"""Sign-in with a clinic account: a provider on this machine signs real tokens, and wrong ones open nothing."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from clinic.accounts import cookies, limits, roles, second_factor
from clinic.models import StaffSession
from tests import make, oidc_provider, security_lines
from tests.clinic.accounts.test_step_up import where
from tests.oidc_provider import CLIENT, SECRET, Provider

pytestmark = pytest.mark.django_db

BEGIN, BACK = "/admin/clinic-account/", "/admin/clinic-account/callback/"
NOW = "2026-11-25T15:00:10Z"
HERE = {"x-forwarded-for": "203.0.113.9"}


@pytest.fixture(autouse=True)
def provider(settings) -> Iterator[Provider]:
    settings.SECOND_FACTOR = True
    with oidc_provider.running() as running, time_machine.travel(NOW, tick=False):
        settings.OIDC_URL, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = running.url, CLIENT, SECRET
        settings.AUTHENTICATION_BACKENDS = [
            *settings.AUTHENTICATION_BACKENDS, "clinic.accounts.oidc.ClinicAccountBackend",
        ]  # fmt: skip
        yield running


def ann(**fields):
    return make.front_desk(**{"username": "ann", "email": "Ann@clinic.example"} | fields)


def sign_in(provider: Provider, client: Client | None = None, **claims):
    """The answer to a browser that came back from the provider, which put these claims into the token."""
    client, provider.claims = client or Client(), claims
    led = client.get(BEGIN, {"next": "/admin/sessions/"})
    return client.get(f"{BACK}?{provider.authorize(led.url)}", headers=HERE | {"user-agent": "Firefox/140"})


def moment(**shift: int) -> int:
    return int(timezone.now().timestamp()) + shift.get("seconds", 0)


def test_the_page_to_sign_in_has_a_button_for_it_where_it_is_set_up(client, settings):
    shown = client.get("/admin/login/?next=/admin/sessions/").content.decode()
    settings.OIDC_URL = ""
    without = client.get("/admin/login/").content.decode()

    button = "Sign in with your clinic account"
    assert ['href="/admin/clinic-account/?next=%2Fadmin%2Fsessions%2F"' in shown, button in shown] == [True, True]
    assert (button in without, client.get(BEGIN).status_code, client.get(BACK).status_code) == (False, 404, 404)


def test_a_verified_address_signs_its_account_in_and_the_second_step_follows(provider):
    user = ann()
    codes, client = make.give_factor(user), Client()

    with security_lines.kept() as log:
        answer = sign_in(provider, client)

    assert answer.url == "/admin/sessions/"
    assert where(client.get("/admin/")) == "/admin/second-step/"
    client.post("/admin/second-step/", {"code": codes[0]})
    assert client.get("/admin/").status_code == 200
    assert log.events("user") == [("signed_in", user.pk)]
    assert cookies.named(cookies.KNOWN_BROWSER) in client.cookies


def test_the_session_says_where_it_comes_from(provider):
    user = ann()

    sign_in(provider)

    session = StaffSession.objects.get(user=user, ended_at=None)
    assert (session.address, session.browser) == ("203.0.113.9", "Firefox/140")


@pytest.mark.parametrize(
    ("amr", "leads"), [(["pwd", "mfa"], ""), (["pwd"], "/admin/second-step/"), ("mfa", "/admin/second-step/")]
)
def test_our_second_step_is_skipped_only_when_the_provider_says_mfa(provider, amr, leads):
    user, client = ann(), Client()
    make.give_factor(user)

    with security_lines.kept() as log:
        sign_in(provider, client, amr=amr)

    assert where(client.get("/admin/")) == leads
    assert ("factor_at_provider", user.pk) in log.events("user") or leads


def test_who_chooses_a_password_by_mail_sets_no_second_step_up_for_who_gave_theirs_at_the_provider(provider):
    ann()
    sign_in(provider, amr=["mfa"])
    reader = Client()

    reader.post("/admin/login/", {"username": "ann", "password": "correct horse battery"})
    shown = reader.get("/admin/second-step/")

    assert (where(reader.get("/admin/")), shown.status_code) == ("/admin/second-step/", 403)
    assert "Ask for a new link" in shown.content.decode()


def test_microsoft_verifies_an_address_in_a_claim_of_its_own(provider):
    ann()

    assert sign_in(provider, email_verified=None, xms_edov=True).status_code == 302


WRONG = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another-site"},
    "no audience": {"aud": None},
    "made for another": {"aud": [CLIENT, "another-site"], "azp": "another-site"},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "without end": {"exp": None},
    "an unverified address": {"email_verified": False},
    "an address that nobody verified": {"email_verified": None},
    "no address": {"email": None},
    "nobody's address": {"email": "nobody@clinic.example"},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
def test_a_wrong_token_opens_nothing(provider, claims):
    ann()
    client = Client()

    with security_lines.kept() as log:
        answer = sign_in(provider, client, **claims)

    assert (answer.status_code, where(client.get("/admin/"))) == (403, "/admin/login/")
    assert [event for event, *_ in log.events()] == ["sign_in_failed", "refused"]
    assert get_user_model().objects.count() == 1


def test_an_expired_token_opens_nothing(provider):
    ann()

    assert sign_in(provider, exp=moment(seconds=-31)).status_code == 403


def test_a_token_that_another_key_signed_opens_nothing(provider):
    ann()
    provider.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    assert sign_in(provider).status_code == 403


def test_a_token_that_is_signed_in_another_way_opens_nothing(provider):
    ann()
    provider.algorithm = "HS256"

    assert sign_in(provider).status_code == 403


def test_an_answer_that_this_browser_did_not_ask_for_opens_nothing(provider):
    ann()
    victim, attacker = Client(), Client()
    query = provider.authorize(attacker.get(BEGIN).url)
    asked_itself = provider.authorize(victim.get(BEGIN).url)

    answers = [victim.get(f"{BACK}?{query}"), victim.get(BACK), victim.get(f"{BACK}?error=access_denied")]

    assert ([each.status_code for each in answers], provider.token_requests) == ([403] * 3, [])
    assert [victim.get(f"{BACK}?{asked_itself}").status_code for _ in range(2)] == [302, 403]


def test_a_superuser_who_was_stopped_or_whose_address_is_anothers_too_is_not_let_in(provider, settings):
    chief = ann(is_superuser=True)
    assert sign_in(provider).status_code == 403
    settings.OIDC_SUPERUSERS = True
    assert sign_in(provider).status_code == 302

    chief.is_active = False
    chief.save()
    assert sign_in(provider).status_code == 403
    for name in ("ben", "eva"):
        make.user(roles.FRONT_DESK, username=name, email="desk@clinic.example")
    assert sign_in(provider, email="desk@clinic.example").status_code == 403


def test_from_the_first_sign_in_on_the_clinic_account_is_known_by_what_the_provider_gives_to_nobody_else(provider):
    user = ann()
    sign_in(provider, sub="ann at the provider")

    somebody_else = sign_in(provider, sub="who has her address now")
    with_another_address = sign_in(provider, sub="ann at the provider", email="a.smith@clinic.example")

    assert [somebody_else.status_code, with_another_address.status_code] == [403, 302]
    assert [*user.clinic_accounts.values_list("issuer", "subject")] == [(provider.url, "ann at the provider")]


def test_a_clinic_account_opens_no_other_users_account_by_a_new_address(provider):
    ann()
    sign_in(provider, sub="ann at the provider")
    make.front_desk(username="ben", email="ben@clinic.example")
    client = Client()

    sign_in(provider, client, sub="ann at the provider", email="ben@clinic.example")

    assert get_user_model().objects.get(pk=client.session["_auth_user_id"]).username == "ann"


def test_a_stopped_users_clinic_account_opens_nothing_whoever_has_its_address_now(provider):
    user = ann()
    sign_in(provider, sub="ann at the provider")
    get_user_model().objects.filter(pk=user.pk).update(is_active=False)
    make.front_desk(username="ben", email="ann@clinic.example")

    assert sign_in(provider, sub="ann at the provider").status_code == 403


def test_a_reset_lets_a_new_account_at_the_provider_be_known(provider):
    user = ann()
    sign_in(provider, sub="the old one")

    second_factor.reset(user)

    assert sign_in(provider, sub="the new one").status_code == 302
    assert [*user.clinic_accounts.values_list("subject", flat=True)] == ["the new one"]


def test_letters_that_the_database_takes_for_the_same_are_another_address(provider):
    make.front_desk(username="kim", email="kim@clinic.example")

    assert sign_in(provider, email="kım@clinic.example").status_code == 403


def test_after_five_refused_answers_none_is_asked_about_for_a_quarter_of_an_hour(provider):
    ann()

    refused = [sign_in(provider, nonce="another").status_code for _ in range(limits.WRONG_PASSWORDS)]
    asked = len(provider.token_requests)
    after = sign_in(provider)

    assert (refused, after.status_code, after.headers["Retry-After"]) == ([403] * 5, 429, "900")
    assert len(provider.token_requests) == asked


def test_a_page_of_another_site_that_leads_there_signs_nobody_out_and_locks_nobody_out(provider):
    make.give_factor(ann())
    desk = Client()
    sign_in(provider, desk, amr=["mfa"])

    led = [desk.get(f"{BACK}?error=x&state=y", headers=HERE).status_code for _ in range(limits.WRONG_PASSWORDS + 1)]

    assert led == [403] * 6
    assert desk.get("/admin/sessions/").status_code == 200
    assert sign_in(provider).status_code == 302


def test_who_comes_from_elsewhere_is_led_to_no_other_site(provider):
    ann()
    client = Client()
    led = client.get(BEGIN, {"next": "https://evil.example/"})

    assert client.get(f"{BACK}?{provider.authorize(led.url)}").url == "/admin/"


def test_a_provider_that_is_away_or_is_not_the_one_that_was_set_lets_nobody_in(client, settings, provider):
    settings.OIDC_URL = "http://127.0.0.1:9"
    away = client.get(BEGIN)
    settings.OIDC_URL = provider.url.replace("127.0.0.1", "localhost")

    assert [away.status_code, client.get(BEGIN).status_code] == [403, 403]


def test_a_provider_that_is_away_is_asked_once_in_ten_seconds_whoever_presses_the_button(client, settings, monkeypatch):
    settings.OIDC_URL, asked, clock = "http://127.0.0.1:9", [], SimpleNamespace(now=1000.0)

    def be_away(url, **how):
        asked.append(clock.now)
        raise OSError

    monkeypatch.setattr("clinic.accounts.oidc._read", {})
    monkeypatch.setattr("clinic.accounts.oidc.requests.get", be_away)
    monkeypatch.setattr("clinic.accounts.oidc.time", SimpleNamespace(monotonic=lambda: clock.now))
    answers = [client.get(BEGIN).status_code for _ in range(5)]
    clock.now += 10
    answers.append(client.get(BEGIN).status_code)

    assert (answers, asked) == ([403] * 6, [1000.0, 1010.0])


def test_a_password_is_asked_of_us_alone(settings):
    settings.OIDC_URL = "http://127.0.0.1:9"
    ann()

    assert Client().post("/admin/login/", {"username": "ann", "password": "correct horse battery"}).status_code == 302
