import os

import pytest
import time_machine
from django.db import connection
from playwright.sync_api import sync_playwright

from clinic import practice
from tests import chromium, migrated_rows, no_network
from tests.patient import Patient

# Playwright's own event loop runs in the journeys' thread; Django would refuse the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

FLUSHED = pytest.StashKey[bool]()

# Fixtures that travel, around the whole test.
OWN_MOMENT = {"monday_noon", "clock"}


def pytest_configure(config):
    """
    Let the session begin at CLOCK, a moment like 2027-03-14T06:30Z; the clock goes on from there (make clocks).

    It is Python's alone: what the database writes with now() of its own keeps the machine's time.
    """
    if moment := os.environ.get("CLOCK"):
        traveller = time_machine.travel(moment)
        traveller.start()
        config.add_cleanup(traveller.stop)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in item.fixturenames:
            item.add_marker("real_time")
        if not OWN_MOMENT.isdisjoint(item.fixturenames):
            item.add_marker("own_moment")


@pytest.fixture
def client():
    return Patient()


@pytest.fixture(autouse=True)
def forget_the_practice(monkeypatch):
    """Each test begins like a fresh process, which has not seen the clinic yet."""
    monkeypatch.setattr(practice, "_last_known", None)


@pytest.fixture(autouse=True)
def reach_no_other_host(monkeypatch):
    no_network.guard(monkeypatch)


@pytest.fixture(scope="session")
def rows_of_migrations(django_db_setup, django_db_blocker) -> str:
    with django_db_blocker.unblock():
        return migrated_rows.read()


@pytest.fixture(autouse=True)
def rows_that_a_flush_took(request):
    """What the migrations made is there for each test, also after one whose real transactions were flushed."""
    mark = request.node.get_closest_marker("django_db")
    if mark is None:
        return
    rows = request.getfixturevalue("rows_of_migrations")
    if mark.kwargs.get("transaction"):
        request.config.stash[FLUSHED] = True
    elif request.config.stash.get(FLUSHED, False):
        request.getfixturevalue("db")
        migrated_rows.put_back(rows)


@pytest.fixture(autouse=True)
def empty_the_jobs(request):
    """Procrastinate's tables are none of Django's: its flush after tests with real transactions leaves them."""
    yield
    mark = request.node.get_closest_marker("django_db")
    if mark and mark.kwargs.get("transaction"):
        with request.getfixturevalue("django_db_blocker").unblock(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")


@pytest.fixture(scope="session")
def browser():
    path = chromium.find()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("No Chromium or Chrome found, and with CI=true the journeys must run.")
        pytest.skip("No Chromium or Chrome found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """End the sessions that a browser's request or a worker may have left, so that the database can be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
