"""security.txt names who to tell of a fault, until a day that somebody has to renew."""

import re
import subprocess
from datetime import date, timedelta

import pytest
from django.utils import timezone

from clinic import checks, security_txt
from clinic.accounts import roles
from tests import make
from tests.clinic.test_settings import PRODUCTION, read

ADDRESS = "/.well-known/security.txt"
TODAY = date(2026, 11, 27)


@pytest.mark.django_db
def test_it_has_the_four_lines_of_rfc_9116(client, settings):
    make.clinic(email="desk@maple.example")
    settings.SITE_URL, settings.SECURITY_EXPIRES = "https://maple.example", date(2027, 6, 30)

    answer = client.get(ADDRESS)

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == (
        "Contact: mailto:desk@maple.example\n"
        "Expires: 2027-06-30T00:00:00Z\n"
        "Preferred-Languages: en\n"
        "Canonical: https://maple.example/.well-known/security.txt\n"
    )


@pytest.mark.django_db
def test_the_operator_may_name_another_contact(client, settings):
    settings.SECURITY_CONTACT = "https://maple.example/report"

    assert client.get(ADDRESS).content.startswith(b"Contact: https://maple.example/report\n")


@pytest.mark.django_db
def test_without_a_day_there_is_none(client, settings):
    settings.SECURITY_EXPIRES = None

    assert client.get(ADDRESS).status_code == 404


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        (None, "The site has no security.txt"),
        (TODAY - timedelta(days=1), "security.txt has expired"),
        (TODAY, "security.txt has expired"),
        (TODAY + timedelta(days=1), "security.txt expires in 1 day:"),
        (TODAY + timedelta(days=30), "security.txt expires in 30 days:"),
        (TODAY + timedelta(days=31), ""),
    ],
)
def test_whoever_runs_the_site_hears_of_its_end(settings, expires, said):
    settings.SECURITY_EXPIRES = expires

    found = security_txt.problems(TODAY)

    assert [words.startswith(said) for words in found] == ([True] if said else [])


def test_the_deployment_check_warns_of_it(settings):
    settings.SECURITY_EXPIRES = timezone.now().date() + timedelta(days=3)
    settings.HTTPS = False
    assert checks.somebody_stands_for_security_txt(None) == []

    settings.HTTPS = True
    assert [each.id for each in checks.somebody_stands_for_security_txt(None)] == ["clinic.W003"]


@pytest.mark.django_db
def test_the_first_page_tells_the_manager_and_nobody_else(client, settings):
    settings.HTTPS, settings.SECURITY_EXPIRES = True, timezone.now().date() + timedelta(days=3)

    def told(role: str) -> bool:
        client.force_login(make.user(role))
        return "security.txt expires in" in client.get("/admin/").content.decode()

    assert {role: told(role) for role in (roles.MANAGER, roles.FRONT_DESK, roles.CLINICIAN)} == {
        roles.MANAGER: True,
        roles.FRONT_DESK: False,
        roles.CLINICIAN: False,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [("SECURITY_EXPIRES", "soon"), ("SECURITY_EXPIRES", "30.06.2027"), ("SECURITY_CONTACT", "desk@maple.example")],
)
def test_what_cannot_be_meant_is_refused(name, value):
    ran: subprocess.CompletedProcess = read("SITE_URL", **PRODUCTION | {name: value})

    assert ran.returncode != 0
    assert re.search(name, ran.stderr.splitlines()[-1])
