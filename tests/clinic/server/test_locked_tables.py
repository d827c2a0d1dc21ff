"""While somebody holds a whole table, visitors read the pages as they were, or that it takes too long, and a number."""

import html
from collections.abc import Callable

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.utils import connector_params

from appointments.models import Inquiry
from clinic import practice
from clinic.server import newer_words
from clinic.server.page_store import PageStore
from clinic.wsgi import readable
from tests import make, wsgi
from tests.racing import limits_of

pytestmark = pytest.mark.django_db(transaction=True)

FROM_THE_DATABASE = [
    "/", "/procedures/", "/procedures/kyphoplasty/", "/procedures/kyphoplasty/benefits/",
    "/procedures/kyphoplasty/print/", "/procedures/glossary/", "/notices/privacy-practices/", "/appointments/",
    "/appointments/times/", "/sitemap.xml",
]  # fmt: skip
PHONE, WORDS = "(646) 555-0111", "This takes too long right now"


@pytest.fixture(autouse=True)
def little_patience():
    with limits_of(lock_timeout="40ms"):
        yield


@pytest.fixture
def locked():
    """A function that has somebody else hold all tables of our apps, but the one that every page's frame is from."""
    make.clinic()
    make.procedure()
    make.practitioner(visit=make.visit_type())
    practice.current()
    other = psycopg.connect(**connector_params())

    def lock() -> Callable[[], None]:
        models = (
            model for app in ("clinic", "procedures", "appointments") for model in apps.get_app_config(app).get_models()
        )
        names = {connection.ops.quote_name(model._meta.db_table) for model in models} - {'"clinic_clinic"'}
        other.execute(f"LOCK TABLE {', '.join(sorted(names))} IN ACCESS EXCLUSIVE MODE")
        return other.rollback

    yield lock
    other.rollback()
    other.close()


def says_so(answer) -> bool:
    words = answer.content.decode()
    return (answer.status_code, answer.headers.get("Retry-After"), WORDS in words, PHONE in words) == (
        503,
        "5",
        True,
        True,
    )


def test_a_page_says_that_it_takes_too_long_and_the_phone_number(locked, caplog):
    inquiry = make.inquiry()
    locked()
    browser = Client(raise_request_exception=False)
    answers = {path: browser.get(path) for path in FROM_THE_DATABASE}
    answers |= {
        "times": browser.get("/appointments/times/?from=2026-12-01"),
        "own": browser.get(inquiry.own_page_url()),
    }

    assert {path: answer.status_code for path, answer in answers.items() if not says_so(answer)} == {}
    assert [record.name for record in caplog.records if record.name == "django.request"] == []


def test_the_sign_in_says_so_too(locked):
    user = make.front_desk()
    locked()

    answer = Client(raise_request_exception=False).post("/admin/login/", {"username": user.username, "password": "x"})

    assert says_so(answer)


def test_a_page_that_the_process_has_kept_stays(locked):
    store = PageStore(readable, settings.SITE_URL, newer_words.look)
    host = settings.SITE_URL.removeprefix("http://")

    def get(path):
        return wsgi.call("GET", path, app=store, HTTP_HOST=host)

    before = get("/procedures/kyphoplasty/")
    locked()
    store.seen, store.next_look = object(), float("inf")

    assert (before.status_code, get("/procedures/kyphoplasty/").content) == (200, before.content)
    assert says_so(get("/procedures/"))


def test_what_a_visitor_typed_is_given_back_whatever_is_locked(locked):
    data = make.form_data(name="Rosa Lind", message="It <hurts> at night.")
    release = locked()
    browser = Client(raise_request_exception=False)

    answer = browser.post("/appointments/", data)

    assert says_so(answer)
    page = answer.content.decode()
    assert ("It &lt;hurts&gt; at night." in page, "It <hurts>" in page) == (True, False)
    release()
    posted = {name: html.unescape(value) for name, value in make.hidden_fields(page).items()}
    assert posted == {name: str(value) for name, value in data.items()}
    assert browser.post("/appointments/", posted).status_code == 303
    assert Inquiry.objects.get().message == "It <hurts> at night."
