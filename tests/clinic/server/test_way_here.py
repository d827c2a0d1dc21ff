"""Behind a proxy that does not say how a visitor came."""

import os
import subprocess
import sys

import pytest

from clinic.server import way_here

pytestmark = pytest.mark.django_db
BY_HTTPS = {"sec-fetch-site": "none"}


@pytest.fixture(autouse=True)
def _https(settings, monkeypatch):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, "clinic.example"
    monkeypatch.setattr(way_here, "_told", set())


@pytest.mark.parametrize(
    "headers",
    [
        BY_HTTPS,
        {"x-forwarded-proto": "https"},
        {"x-forwarded-proto": "https, http"},  # Two proxies: gunicorn believes one word alone.
        {"x-forwarded-ssl": "on"},
        {"forwarded": 'for=192.0.2.1;proto="https"'},
    ],
)
def test_a_redirect_to_itself_is_a_sentence_and_told_once(client, caplog, headers):
    answers = [client.get("/about/", headers=headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [503] * 3
    assert "This site is not set up completely" in answers[0].content.decode()
    said = [record.getMessage() for record in caplog.records]
    assert [("the proxy at 127.0.0.1 " in line, "TRUSTED_PROXIES" in line) for line in said] == [(True, True)]


@pytest.mark.parametrize("headers", [{}, {"x-forwarded-proto": "http"}, BY_HTTPS | {"x-forwarded-proto": "http"}])
def test_who_comes_by_http_is_led_to_https(client, headers):
    answer = client.get("/about/", headers=headers)

    assert (answer.status_code, answer.headers["Location"]) == (301, "https://clinic.example/about/")


def test_a_proxy_that_does_not_say_how_visitors_come_is_told_once(client, caplog):
    answers = [client.get("/about/", headers={"x-forwarded-for": "192.0.2.1"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [301] * 3
    assert [record.getMessage() for record in caplog.records if record.name == way_here.__name__] == [
        "Visitors come through the proxy at 127.0.0.1, which does not say how. It must set X-Forwarded-Proto to https, "
        "and TRUSTED_PROXIES (now 127.0.0.1) must name it."
    ]


def test_who_comes_by_https_reads_the_page(client):
    assert client.get("/about/", secure=True, headers=BY_HTTPS).status_code == 200


def test_a_stray_host_writes_no_line():
    """In a process of its own: pytest's handlers would hide that Python writes where no handler is."""
    program = (
        "import logging.config, django\n"
        "from clinic import log_settings\n"
        "logging.config.dictConfig(log_settings.settings(as_json=False))\n"
        "logging.getLogger('django.security.DisallowedHost').error('Invalid HTTP_HOST header')\n"
        "logging.getLogger('django.request').error('another')\n"
    )
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "tests.settings"}

    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)

    assert [line.partition("ERROR ")[2] for line in ran.stderr.splitlines()] == ["django.request: another"]


def test_a_stray_host_is_refused(client):
    assert client.get("/about/", headers={"host": "stray.example"}, secure=True).status_code == 400
