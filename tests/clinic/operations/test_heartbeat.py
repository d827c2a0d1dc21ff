"""A watcher elsewhere hears each minute that the site is well, and nothing else; silence is the alarm."""

import logging
import time

import pytest

from appointments import tasks
from clinic.operations import heartbeat
from tests import healthy, make
from tests.clinic.test_settings import PRODUCTION, read

pytestmark = [pytest.mark.django_db, pytest.mark.real_time]

SECRET = "/ping/5f2c"


@pytest.fixture
def watcher(settings):
    with healthy.served(healthy.Watcher()) as server:
        settings.HEARTBEAT_URL = f"http://127.0.0.1:{server.port}{SECRET}"
        yield server


def test_it_asks_once_and_sends_nothing(watcher):
    make.living_worker()

    tasks.tell_that_all_is_well(timestamp=0)

    assert watcher.asked == [(SECRET, b"")]


def test_warnings_wake_nobody(watcher):
    """No backup was ever proved here, which is one."""
    make.living_worker()

    assert heartbeat.ping() is True


def test_it_is_silent_when_the_doctor_finds_an_error(watcher, caplog):
    assert heartbeat.ping() is False  # No worker has ever run.

    assert watcher.asked == []
    assert [record.getMessage() for record in caplog.records] == [
        "No heartbeat: No worker has ever run: no mail goes out, and nobody is reminded."
    ]


def test_without_an_address_nobody_is_asked_and_nothing_is_looked_at(settings, django_assert_num_queries):
    settings.HEARTBEAT_URL = ""

    with django_assert_num_queries(0):
        assert heartbeat.ping() is False


def test_a_redirect_is_not_followed(watcher):
    make.living_worker()
    with healthy.served(healthy.Watcher()) as elsewhere:
        watcher.answers[0], watcher.leads_to = 302, f"http://127.0.0.1:{elsewhere.port}/"

        assert heartbeat.ping() is True

    assert (len(watcher.asked), elsewhere.asked) == (1, [])


def test_a_watcher_that_refuses_or_is_away_keeps_no_job_and_its_address_is_in_no_log(watcher, settings, caplog):
    make.living_worker()
    watcher.answers[0] = 500
    assert heartbeat.ping() is False
    settings.HEARTBEAT_URL = f"http://127.0.0.1:9{SECRET}"
    assert heartbeat.ping() is False

    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.WARNING]
    assert SECRET not in caplog.text


def test_a_watcher_that_never_answers_is_waited_for_briefly(watcher, monkeypatch):
    make.living_worker()
    monkeypatch.setattr(heartbeat, "SECONDS", 0.2)
    watcher.delay = 60
    began = time.monotonic()

    assert heartbeat.ping() is False

    assert time.monotonic() - began < 30


def test_an_address_that_others_could_read_is_refused():
    ran = read("HEARTBEAT_URL", **PRODUCTION | {"HEARTBEAT_URL": "http://hc-ping.example/secret"})

    assert ran.returncode != 0
    assert ran.stderr.splitlines()[-1].endswith(
        "HEARTBEAT_URL must begin with https://: who reads it could ask it in our place"
    )
