"""One's own page: another app, passkeys, new backup codes, another address; each asks again, is mailed and is told."""

import base64
import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django_otp import oath
from django_otp_webauthn.models import WebAuthnCredential
from procrastinate.contrib.django.models import ProcrastinateJob

from appointments import tasks
from clinic.accounts import notices, second_factor
from tests import make, security_lines
from tests.clinic.accounts.test_second_step import WRONG, code, signed_in
from tests.clinic.accounts.test_step_up import AGAIN, at_work, give_again, where

pytestmark = pytest.mark.django_db

OWN = "/admin/sign-in/"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.SECOND_FACTOR = True
    with time_machine.travel("2026-11-25T15:00:10Z", tick=False) as traveller:
        yield traveller


def to_mail() -> list[tuple[int, str]]:
    """What a worker is to mail, and to which account."""
    jobs = ProcrastinateJob.objects.filter(task_name="appointments.tasks.mail_staff").order_by("id")
    return [(job.args["user"], job.args["notice"]) for job in jobs]


def at_home(**fields):
    """Somebody who gave both again, their browser, and a code that is left."""
    user, client, codes = at_work(**fields)
    give_again(client, codes.pop())
    return user, client, codes[0]


def passkey(user, name: str = "Desk computer") -> WebAuthnCredential:
    return WebAuthnCredential.objects.create(
        user=user, name=name, credential_id=name.encode(), public_key=b"x", confirmed=True
    )


def take_app_away(user) -> None:
    factor = second_factor.of(user)
    factor.seed = ""
    factor.save()


def test_the_page_shows_what_one_signs_in_with_and_asks_nothing_again():
    user, client, _ = at_work(email="ann@clinic.example")
    passkey(user, "Blue key")
    other = make.user(email="ben@clinic.example")
    passkey(other, "Red key")

    page = client.get(OWN).content.decode()

    shown = ("ann@clinic.example", "Blue key", "9 are left.", "Set up a new app", "ben@clinic.example", "Red key")
    assert [words for words in shown if words in page] == list(shown[:4])


@pytest.mark.parametrize("name", ["own_app", "own_codes", "own_passkey_add", "own_passkey", "own_email"])
def test_each_change_asks_for_password_and_code_again(name):
    user, client, _ = at_work()
    address = reverse(f"admin:{name}", args=[passkey(user).pk] if name == "own_passkey" else [])

    assert [where(client.get(address)), where(client.post(address, {"remove": "1"}))] == [AGAIN, AGAIN]


def test_an_app_is_replaced_once_a_code_of_the_new_one_was_typed(clock):
    user, client, left = at_home()
    there = signed_in(user)
    there.post("/admin/second-step/", {"code": left})
    page = client.get(OWN + "app/")
    new = base64.b32decode(page.context_data["seed"].replace(" ", ""))

    wrong = client.post(OWN + "app/", {"code": WRONG})
    still_old = second_factor.check(user=user, code=code(user)).is_right
    with security_lines.kept() as log:
        right = client.post(OWN + "app/", {"code": f"{oath.hotp(new, int(timezone.now().timestamp()) // 30):06}"})

    assert (wrong.status_code, still_old, where(right)) == (200, True, OWN)
    clock.shift(timedelta(minutes=1))
    assert second_factor.check(user=user, code=f"{oath.hotp(new, int(timezone.now().timestamp()) // 30):06}").is_right
    assert (log.events("user"), to_mail()) == ([("app_changed", user.pk)], [(user.pk, "app_changed")])
    # This browser goes on; another asks for a code of the new one.
    assert [each.get("/admin/").status_code for each in (client, there)] == [200, 302]


def test_new_backup_codes_are_shown_once_and_end_the_old_ones():
    user, client, old = at_home()

    assert client.get(OWN + "codes/").status_code == 200
    with security_lines.kept() as log:
        page = client.post(OWN + "codes/")

    codes = re.findall(r"[2-9A-Z]{5}-[2-9A-Z]{5}", page.content.decode())
    assert (len(set(codes)), old in codes, "no-store" in page.headers["Cache-Control"]) == (10, False, True)
    assert [second_factor.check(user=user, code=each).is_right for each in (old, codes[0])] == [False, True]
    assert codes[1] not in client.get(OWN + "codes/").content.decode()
    assert (log.events("user"), to_mail()) == ([("codes_printed", user.pk)], [(user.pk, "codes_printed")])


def test_a_passkey_gets_a_name_and_goes():
    user, client, _ = at_home()
    address = reverse("admin:own_passkey", args=[passkey(user).pk])

    with security_lines.kept() as log:
        client.post(address, {"name": "Blue key"})
        renamed = WebAuthnCredential.objects.get(user=user).name
        client.post(address, {"remove": "1"})

    assert (renamed, second_factor.has_passkey(user)) == ("Blue key", False)
    assert log.events("user") == [("passkey_renamed", user.pk), ("passkey_removed", user.pk)]
    assert to_mail() == [(user.pk, "passkey_removed")]
    assert client.get("/admin/").status_code == 200


def test_the_last_factor_stays():
    user, client, _ = at_home()
    address = reverse("admin:own_passkey", args=[passkey(user).pk])
    take_app_away(user)

    client.post(address, {"remove": "1"})

    assert second_factor.has_passkey(user) is True
    assert "This passkey is all you have" in client.get(address).content.decode()
    assert to_mail() == []


def test_nobody_changes_the_passkey_of_another():
    _, client, _ = at_home()
    theirs = passkey(make.user())

    answers = [client.get(OWN + f"passkeys/{theirs.pk}/"), client.post(OWN + f"passkeys/{theirs.pk}/", {"remove": "1"})]

    assert [each.status_code for each in answers] == [404, 404]
    assert WebAuthnCredential.objects.filter(pk=theirs.pk).exists()


def ask_for_address(client, address: str) -> str:
    """The link in the mail to this address."""
    client.post(OWN + "email/", {"email": address})
    sent = mail.outbox.pop()
    assert sent.to == [address]
    return "/admin/" + sent.body.partition("/admin/")[2].split()[0]


def test_an_address_changes_once_its_link_was_opened_and_both_hear_of_it():
    user, client, _ = at_home(email="ann@clinic.example")
    link = ask_for_address(client, "new@clinic.example")
    client.get(link)
    user.refresh_from_db()
    before = user.email

    with security_lines.kept() as log:
        client.post(link)

    user.refresh_from_db()
    assert (before, user.email) == ("ann@clinic.example", "new@clinic.example")
    assert [each.to for each in mail.outbox] == [["ann@clinic.example"], ["new@clinic.example"]]
    assert log.events("user") == [("email_changed", user.pk)]
    assert client.post(link).status_code == 403


def test_a_link_for_an_address_is_good_for_an_hour_its_own_user_and_its_own_purpose(clock):
    _, client, _ = at_home()
    _, other, _ = at_work()
    link = ask_for_address(client, "new@clinic.example")

    assert [other.post(link).status_code, client.post(link + "x").status_code] == [403, 403]
    for _ in range(5):
        clock.shift(timedelta(minutes=10))
        client.get("/admin/")  # Who does nothing is signed out.
    clock.shift(timedelta(minutes=10))
    within = client.get(link).status_code
    clock.shift(timedelta(seconds=2))
    assert (within, client.get(link).status_code) == (200, 403)


def test_no_two_accounts_have_one_address():
    _, client, _ = at_home()
    make.user(email="ben@clinic.example")

    page = client.post(OWN + "email/", {"email": "Ben@Clinic.example"})

    assert "Another account has this address." in page.content.decode()
    assert mail.outbox == []


def test_a_worker_mails_a_notice_and_tries_again_while_the_server_is_away(monkeypatch):
    user, stopped = make.user(email="ann@clinic.example"), make.user(email="ben@clinic.example", is_active=False)
    for each in (user, stopped, make.user()):
        tasks.mail_staff(user=each.pk, notice="codes_printed")

    assert [(each.to, each.subject) for each in mail.outbox] == [(["ann@clinic.example"], "You have new backup codes")]
    monkeypatch.setattr("django.core.mail.EmailMessage.send", broken)
    with pytest.raises(notices.NotSent):
        tasks.mail_staff(user=user.pk, notice="codes_printed")
    assert tasks.mail_staff.retry_strategy.max_attempts == 8


def broken(*args, **kwargs):
    raise OSError("The mail server is away")


@pytest.mark.parametrize("notice", sorted(set(notices.Notice) - {notices.Notice.TEST_MAIL}))
def test_every_notice_has_its_words(notice):
    user = make.user(email="ann@clinic.example")

    notices.send(user.pk, notice)

    assert "clinic’s site" in mail.outbox[0].body
    assert "was not you" in mail.outbox[0].body


def test_a_job_waits_for_a_worker_with_ids_alone():
    notices.later(7, notices.Notice.PASSWORD_CHANGED)

    assert to_mail() == [(7, "password_changed")]
