"""A forgotten password: the same answer for everybody, a link that ends, and the second step as before."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from appointments import tasks
from clinic.accounts import hashing, limits
from clinic.models import StaffSession
from tests import make, security_lines
from tests.clinic.accounts.test_second_step import PASSWORD, signed_in
from tests.clinic.accounts.test_step_up import at_work, where
from tests.racing import at_once

pytestmark = pytest.mark.django_db

ASK = "/admin/forgot-password/"
NEW = {"new_password1": "seven brown kettles", "new_password2": "seven brown kettles"}
OTHER = {"new_password1": "eight brown kettles", "new_password2": "eight brown kettles"}


@pytest.fixture(autouse=True)
def clock(settings):
    settings.SECOND_FACTOR = True
    with time_machine.travel("2026-11-25T15:00:10Z", tick=False) as traveller:
        yield traveller


def ask(typed: str, address: str = ""):
    headers = {"x-forwarded-for": address} if address else {}
    return Client().post(ASK, {"account": typed}, headers=headers)


def work() -> None:
    """What a worker does with the jobs that wait."""
    for job in ProcrastinateJob.objects.filter(task_name="appointments.tasks.mail_staff").order_by("id"):
        tasks.mail_staff(**job.args)


def link_for(typed: str) -> str:
    ask(typed)
    work()
    return "/admin/" + mail.outbox[-1].body.partition("/admin/")[2].split()[0]


def test_the_page_to_sign_in_leads_to_it(client):
    assert f'<a href="{ASK}">Forgot your password?</a>' in client.get("/admin/login/").content.decode()


def test_a_new_password_is_chosen_by_a_mailed_link_used_once_and_the_second_step_stays():
    user, there, codes = at_work(username="ann", email="ann@clinic.example")
    link, here = link_for("ann"), Client()
    assert (mail.outbox[0].to, mail.outbox[0].subject) == (["ann@clinic.example"], "Choose a new password")
    assert here.get(link).status_code == 200

    with security_lines.kept() as log:
        answers = [here.post(link, NEW), here.post(link, OTHER)]

    assert [each.status_code for each in answers] == [200, 403]
    assert log.events("user")[0] == ("password_changed", user.pk)
    assert StaffSession.objects.filter(user=user, ended_at=None).count() == 0
    assert where(there.get("/admin/")) == "/admin/login/"
    assert where(here.get("/admin/")) == "/admin/login/"
    here.post("/admin/login/", {"username": "ann", "password": NEW["new_password1"]})
    assert where(here.get("/admin/")) == "/admin/second-step/"
    here.post("/admin/second-step/", {"code": codes[0]})
    assert here.get("/admin/").status_code == 200
    work()
    assert mail.outbox[-1].subject == "Your password was changed"


def test_the_answer_is_the_same_whoever_is_meant_and_so_is_what_it_takes():
    make.user(username="ann", email="ann@clinic.example")
    make.user(username="eva", email="eva@clinic.example", is_active=False)
    make.user(username="ben")
    typed = ["ann", "ANN@clinic.example", "eva", "ben", "nobody"]
    ask("somebody")

    answers, queries = [], []
    for each in typed:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answers.append(ask(each).content)
        queries.append(len(asked))
    work()

    assert (len(set(answers)), len(set(queries))) == (1, 1)
    assert [each.to for each in mail.outbox] == [["ann@clinic.example"]] * 2


def test_an_address_of_two_accounts_is_nobodys():
    for name in ("ann", "ben"):
        make.user(username=name, email="desk@clinic.example")

    ask("desk@clinic.example")
    work()

    assert mail.outbox == []


def test_a_link_is_good_for_an_hour_for_its_own_page_and_until_one_signs_in(clock):
    user = make.user(username="ann", email="ann@clinic.example")
    link = link_for("ann")
    invitation = link.replace("new-password", "invitation")
    assert [Client().get(each).status_code for each in (invitation, link + "x")] == [403, 403]
    client, _ = Client(), make.give_factor(user)
    clock.shift(timedelta(hours=1))
    assert client.get(link).status_code == 200
    clock.shift(timedelta(seconds=2))
    assert client.get(link).status_code == 403

    link = link_for("ann")
    signed_in(user)
    assert client.post(link, NEW).status_code == 403


def test_who_was_stopped_meanwhile_chooses_no_password():
    user = make.user(username="ann", email="ann@clinic.example")
    link = link_for("ann")
    user.is_active = False
    user.save()

    assert Client().post(link, NEW).status_code == 403
    user.refresh_from_db()
    assert user.check_password(PASSWORD) is True


def test_one_account_gets_three_mails_an_hour_and_the_answer_does_not_say_so(clock):
    make.user(username="ann", email="ann@clinic.example")

    answers = {ask(("ann", "ann@clinic.example")[number % 2]).content for number in range(5)}
    work()
    within = len(mail.outbox)
    clock.shift(timedelta(hours=1, seconds=1))
    ProcrastinateJob.objects.all().delete()
    ask("ann")
    work()

    assert (len(answers), within, len(mail.outbox)) == (1, 3, 4)


def test_one_network_address_asks_ten_times_an_hour():
    make.user(username="ann", email="ann@clinic.example")

    answers = [ask(f"nobody {number}", "203.0.113.9") for number in range(limits.FORGOTTEN_FROM_AN_ADDRESS + 1)]

    assert [each.status_code for each in answers] == [200] * limits.FORGOTTEN_FROM_AN_ADDRESS + [429]
    assert answers[-1].headers["Retry-After"] == "3600"
    assert ask("ann", "203.0.113.10").status_code == 200


def test_who_typed_the_old_one_wrong_five_times_signs_in_with_the_new_one(client):
    make.user(username="ann", email="ann@clinic.example")
    for _ in range(limits.WRONG_PASSWORDS):
        client.post("/admin/login/", {"username": "ann", "password": "wrong horse battery"})
    client.post(link_for("ann"), NEW)

    answer = client.post("/admin/login/", {"username": "ann", "password": NEW["new_password1"]})

    assert answer.status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_a_link_at_once_one_sets_a_password():
    user = make.user(username="ann", email="ann@clinic.example")
    link = link_for("ann")

    answers: list[int] = []

    def use(new: dict[str, str]) -> None:
        answers.append(Client().post(link, new).status_code)

    at_once(lambda: use(NEW), lambda: use(OTHER))

    assert sorted(answers) == [200, 403]
    user.refresh_from_db()
    assert user.check_password(PASSWORD) is False


def test_a_weak_password_is_refused_and_the_link_is_still_good():
    user = make.user(username="ann", email="ann@clinic.example")
    link = link_for("ann")

    weak = Client().post(link, {"new_password1": "spine2026spine", "new_password2": "spine2026spine"})

    assert "words that anybody would try" in weak.content.decode()
    assert Client().post(link, NEW).status_code == 200
    user.refresh_from_db()
    assert user.check_password(NEW["new_password1"]) is True


def test_what_was_typed_is_in_no_line_of_the_security_log():
    user = make.user(username="ann", email="ann@clinic.example")

    with security_lines.kept() as log:
        ask("ann@clinic.example")
        ask("quastenflosser")

    assert log.events("account", "user") == [
        ("password_forgotten", user.pk, None),
        ("password_forgotten", None, None),
    ]
    assert [line for line in log.written if "ann" in line or "quasten" in line] == []


def test_a_browser_that_finds_no_place_to_hash_keeps_its_link(monkeypatch):
    make.user(username="ann", email="ann@clinic.example")
    link = link_for("ann")

    def find_no_place(self, *args):
        raise hashing.NoPlace

    with monkeypatch.context() as patched:
        patched.setattr("django.contrib.auth.models.User.set_password", find_no_place)
        busy = Client().post(link, NEW)

    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "5")
    assert Client().post(link, NEW).status_code == 200
