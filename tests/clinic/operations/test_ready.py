"""The manager is led through going live, and each step is done when the doctor finds nothing of it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from appointments import tasks
from clinic.accounts import mail_proof, roles
from clinic.models import Clinic, Proof, ProofKind
from clinic.operations.ready import STEPS
from tests import healthy, make

pytestmark = pytest.mark.django_db

READY = "/admin/ready/"


@pytest.fixture
def manager(client):
    user = make.user(roles.MANAGER, email="manager@maple-spine.org")
    client.force_login(user)
    return user


@pytest.fixture
def no_errors(settings, monkeypatch):
    """Whatever else is missing, the doctor finds no error."""
    settings.DOCTOR = ["clinic.operations.doctor.machine"]
    monkeypatch.setattr("clinic.operations.doctor.machine.QUICK", ())


def steps(client) -> dict[str, bool]:
    """The steps as the page shows them: whether each is done."""
    html = client.get(READY).content.decode()
    shown = re.findall(r'<h2><span aria-hidden="true">(.)</span> ([^<]+?) ?(?:<|$)', html)
    return {title: sign == "✓" for sign, title in shown}


def test_it_opens_to_those_who_may_change_the_clinic(client):
    def status(role: str) -> int:
        client.force_login(make.user(role))
        return client.get(READY).status_code

    assert {role: status(role) for role in roles.ROLES} == {
        roles.FRONT_DESK: 403, roles.CLINICIAN: 403, roles.CONTENT_EDITOR: 403, roles.MANAGER: 200,
    }  # fmt: skip


def test_nobody_else_says_that_the_site_is_ready(client, no_errors):
    client.force_login(make.front_desk())

    assert client.post(READY, {"do": "ready"}).status_code == 403
    assert not Proof.objects.exists()


def test_a_new_site_has_its_steps_before_it_and_links_to_each(client, manager):
    Clinic.objects.all().delete()
    make.practitioner(online=True)

    html = client.get(READY).content.decode()

    assert {title for title, done in steps(client).items() if done} == {
        "Who patients see",
        "Pages that a clinician signed",
        "Accounts and their second step",
    }
    assert "The clinic&#x27;s phone is still a placeholder." in html
    led = [reverse(f"admin:{step.address}") for step in STEPS if step.address]
    assert [address for address in re.findall(r'<p><a href="(.*?)">', html) if address in led] == led
    assert re.search(r"First, \d+ errors have to go\.", html)


@pytest.mark.real_time
def test_a_healthy_site_has_all_steps_done(client, settings):
    user = healthy.site(settings)
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = settings.SECOND_FACTOR = False
    client.force_login(user)

    assert all(done for title, done in steps(client).items() if title != "What else is wrong")


class TestMail:
    def test_the_code_that_came_by_mail_proves_it(self, client, manager, mailoutbox):
        client.post(READY, {"do": "mail"})
        tasks.mail_staff(user=manager.pk, notice="test_mail")
        [mail] = mailoutbox
        [code] = re.findall(r"^\d{3} \d{3}$", mail.body, re.MULTILINE)
        assert mail.to == ["manager@maple-spine.org"]

        answer = client.post(READY, {"do": "code", "code": code}, follow=True)

        assert "The test mail came back." in answer.content.decode()
        proof = Proof.objects.get()
        assert (proof.kind, proof.by, proof.about) == (ProofKind.TEST_MAIL, manager, mail_proof.server())
        assert steps(client)["A test mail that comes back"]

    def test_a_press_has_a_worker_send_it(self, client, manager):
        answer = client.post(READY, {"do": "mail"}, follow=True)

        assert "A test mail is on its way to manager@maple-spine.org." in answer.content.decode()
        job = ProcrastinateJob.objects.get(task_name="appointments.tasks.mail_staff")
        assert job.args == {"user": manager.pk, "notice": "test_mail"}

    def test_another_code_proves_nothing(self, client, manager):
        other = make.user(roles.MANAGER, email="other@maple-spine.org")
        for code in (mail_proof.code(other), "000 00", "", "x" * 30):
            answer = client.post(READY, {"do": "code", "code": code})
            assert answer.status_code == 200

        assert not Proof.objects.exists()
        assert "This is not the code" in client.post(READY, {"do": "code", "code": "1"}).content.decode()

    def test_a_code_is_good_until_the_end_of_the_next_hour(self, manager):
        with time_machine.travel("2026-11-23T15:59:00+00:00", tick=False) as clock:
            code = mail_proof.code(manager)
            clock.shift(timedelta(minutes=60))
            assert mail_proof.is_right(manager, code.replace(" ", ""))
            clock.shift(timedelta(minutes=2))
            assert not mail_proof.is_right(manager, code)

    def test_a_worker_with_another_mail_server_mails_another_code(self, manager, settings):
        code = mail_proof.code(manager)
        settings.MAILERS = {"default": {"OPTIONS": {"host": "other.example", "port": 25}}}

        assert mail_proof.code(manager) != code

    def test_who_has_no_address_hears_so(self, client):
        client.force_login(make.user(roles.MANAGER))

        assert "has no email address" in client.post(READY, {"do": "mail"}, follow=True).content.decode()


class TestWord:
    def test_an_error_is_in_the_way(self, client, manager):
        answer = client.post(READY, {"do": "ready"}, follow=True)

        assert "Not yet: what is marked as an error comes first." in answer.content.decode()
        assert not Proof.objects.exists()

    def test_with_warnings_alone_it_is_the_managers_word_once(self, client, manager, no_errors):
        for _ in range(2):
            answer = client.post(READY, {"do": "ready"}, follow=True)

        proof = Proof.objects.get()
        assert (proof.kind, proof.by) == (ProofKind.READY, manager)
        day = timezone.localtime(proof.proved_at, Clinic.current().zone)
        assert f"{manager} said on {day:%b}" in answer.content.decode()


def test_there_are_none_to_bring_in(client, manager):
    make.practitioner(online=True)
    assert not steps(client)["Appointments of before"]

    client.post(READY, {"do": "nothing"})

    assert steps(client)["Appointments of before"]


def test_odd_presses_do_nothing(client, manager):
    assert client.post(READY, {"do": "anything"}).status_code == 200
    assert not Proof.objects.exists()


class TestFirstPage:
    def test_everybody_of_the_staff_reads_what_does_not_go_out(self, client):
        for role in roles.ROLES:
            client.force_login(make.user(role))
            assert (
                "No worker has ever run: no mail goes out, and nobody is reminded."
                in client.get("/admin/").content.decode()
            )

        make.living_worker()

        assert "No worker" not in client.get("/admin/").content.decode()

    def test_the_manager_finds_the_steps_there(self, client, manager):
        assert READY in client.get("/admin/").content.decode()
        client.force_login(make.front_desk())
        assert READY not in client.get("/admin/").content.decode()
