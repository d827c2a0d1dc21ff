import os
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.template.base import Template
from django.test.utils import _TestState
from playwright.sync_api import sync_playwright

from appointments.inquiries import promises
from appointments.notifications import notify
from clinic import practice
from tests import chromium, flush, migrated_database, migrated_rows, no_network, order
from tests.patient import Patient

# Playwright's own event loop runs in the journeys' thread; Django would refuse the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

FLUSHED = pytest.StashKey[bool]()
PUT_BACK = pytest.StashKey[Callable[[], None]]()

# Procrastinate's tables, which are none of Django's.
JOBS = [f"procrastinate_{name}" for name in ("events", "jobs", "periodic_defers", "workers")]
# Fixtures that travel, around the whole test.
OWN_MOMENT = {"monday_noon", "clock"}


def pytest_configure(config):
    """
    Let the session begin at CLOCK, a moment like 2027-03-14T06:30Z; the clock goes on from there (make clocks).

    It is Python's alone: what the database writes with now() of its own keeps the machine's time.
    """
    # After those of the plugins that shuffle, leave out and sort by transactions.
    config.pluginmanager.register(Order)
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


class Order:
    @staticmethod
    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(config, items):
        if worker := getattr(config, "workerinput", None):
            items[:] = order.longest_first(items, worker["workercount"])


@pytest.fixture
def client():
    return Patient()


@pytest.fixture(scope="session", autouse=True)
def render_as_the_site_does(django_test_environment):
    """Django's tests copy the context of each template, for an answer’s `context`; ours ask its `context_data`."""
    Template._render = _TestState.saved_data.template_render


@pytest.fixture(autouse=True)
def forget_the_practice(monkeypatch):
    """Each test begins like a fresh process, which has not seen the clinic yet, and has stored no mail to staff."""
    monkeypatch.setattr(practice, "_last_known", None)
    monkeypatch.setattr(notify, "_stored_bundle", 0)
    # What a test enters counts at once.
    monkeypatch.setattr(promises, "BELIEVED_FOR", timedelta())


@pytest.fixture(autouse=True)
def reach_no_other_host(monkeypatch):
    no_network.guard(monkeypatch)


@pytest.fixture(scope="session")
def rows_of_migrations(request, django_db_setup, django_db_blocker) -> str:
    with django_db_blocker.unblock():
        rows = migrated_rows.read()

    def put_back() -> None:
        with django_db_blocker.unblock():
            migrated_rows.put_back(rows)

    request.config.stash[PUT_BACK] = put_back
    return rows


@pytest.fixture(autouse=True)
def know_the_rows_of_migrations(request):
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("rows_of_migrations")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """
    What the migrations made is there for each test in one transaction, also after real transactions were flushed.

    It is put back once, outside the test's own transaction, and stays until the next flush.
    """
    mark = item.get_closest_marker("django_db")
    if mark and mark.kwargs.get("transaction"):
        item.config.stash[FLUSHED] = True
    elif mark and item.config.stash.get(FLUSHED, False):
        item.config.stash[PUT_BACK]()
        item.config.stash[FLUSHED] = False


@pytest.fixture(autouse=True)
def empty_the_jobs(request):
    """Procrastinate's tables are none of Django's: its flush after tests with real transactions leaves them."""
    yield
    mark = request.node.get_closest_marker("django_db")
    if mark and mark.kwargs.get("transaction"):
        unblocked = request.getfixturevalue("django_db_blocker").unblock()
        with unblocked, transaction.atomic(), connection.cursor() as cursor:
            for statement in flush.emptied(JOBS):
                cursor.execute(statement)


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
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_blocker):
    """The tests' database is a copy; Django migrates it still, and finds that nothing is left to do."""
    with django_db_blocker.unblock():
        # One that was made in a moment to come would have rows from there, for tests of today.
        template = migrated_database.ready(make="CLOCK" not in os.environ)
    if template:
        connection.settings_dict["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """End the sessions that a browser's request or a worker may have left, so that the database can be dropped."""
    with django_db_blocker.unblock():
        # Where a test is run alone that has a database of its own, pytest-django makes none.
        if connection.settings_dict["NAME"].startswith("test_"):
            flush.begin()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
