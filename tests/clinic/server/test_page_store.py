"""Visitors' pages from memory: Django's own bytes, never what is one person's, never older than ten seconds."""

import threading
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.models import Announcement, Clinic
from clinic.server import newer_words, page_store
from clinic.server.page_store import PageStore
from clinic.wsgi import application, readable
from procedures.models import GLOSSARY, Words
from tests import make, wsgi

HOST = settings.SITE_URL.removeprefix("http://")
PAGES = [
    "/", "/about/", "/accessibility/", "/privacy/", "/notices/privacy-practices/", "/appointments/", "/procedures/",
    "/procedures/kyphoplasty/", "/procedures/kyphoplasty/benefits/", "/procedures/kyphoplasty/print/",
    "/procedures/glossary/", "/.well-known/security.txt", "/robots.txt", "/sitemap.xml",
]  # fmt: skip


class Said:
    """A Django that says what it is told to, and counts how often it was asked."""

    def __init__(self, words="one", status="200 OK", headers=()):
        self.words, self.status, self.headers, self.asked = words, status, list(headers), 0

    def __call__(self, environ, start_response):
        self.asked += 1
        start_response(self.status, [("Content-Type", "text/plain"), *self.headers])
        return BytesIO(self.words.encode())


class Look:
    """What a look sees."""

    seen = 0

    def __call__(self):
        if isinstance(self.seen, Exception):
            raise self.seen
        return self.seen


@pytest.fixture
def look():
    return Look()


def get(store, path="/", method="GET", host=HOST, **more):
    return wsgi.call(method, path, app=store, HTTP_HOST=host, **more)


def two_seconds_later(store):
    store.next_look = float("-inf")


@pytest.fixture
def site(monkeypatch):
    # The test's transaction needs its connection.
    monkeypatch.setattr(newer_words, "close_old_connections", lambda: None)
    # Half a minute from the next, so that all of a test sees one sum.
    with time_machine.travel("2026-11-23T10:00:30Z", tick=False):
        make.procedure()
        make.page(None, GLOSSARY)
        # With the very layers that stand below it in production.
        yield PageStore(application.django, settings.SITE_URL, newer_words.look)


@pytest.mark.django_db
class TestDjangosAnswer:
    @pytest.mark.parametrize("encoding", ["", "gzip, deflate, br", "br;q=1, gzip;q=0.5", "identity"])
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize("path", PAGES)
    def test_is_replayed_byte_for_byte_and_header_for_header(self, site, path, method, encoding):
        etag = get(readable, path).headers["ETag"]
        for asked in ("", etag, f"W/{etag}", f'"other", W/{etag}', "*", '"other"', "no etag"):
            more = {"HTTP_ACCEPT_ENCODING": encoding, "HTTP_IF_NONE_MATCH": asked}
            djangos = get(readable, path, method, **more)
            for _ in range(2):
                ours = get(site, path, method, **more)
                assert ours.status_code == djangos.status_code
                # To HEAD Django leaves it to the layer around it to drop the body.
                assert ours.content == (djangos.content if method == "GET" else b"")
                assert dict(ours.headers) == dict(djangos.headers)
        assert len(site.kept) == 1

    def test_is_asked_for_once(self, site, django_assert_num_queries):
        for path in PAGES:
            get(site, path, HTTP_ACCEPT_ENCODING="gzip")

        with django_assert_num_queries(0):
            for path in PAGES:
                for cookie in ("sessionid=1", "theme=dark"):
                    get(site, path, HTTP_ACCEPT_ENCODING="gzip", HTTP_COOKIE=cookie, HTTP_RANGE="bytes=0-9")

    def test_says_to_a_cache_in_front_what_ten_seconds_allow(self, site):
        said = get(site, "/procedures/kyphoplasty/").headers["Cache-Control"]

        assert said == "public, max-age=0, must-revalidate, s-maxage=5, stale-while-revalidate=3, stale-if-error=86400"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [
        {"path": "/appointments/", "query": "slot=20261124T140000Z-1-1"},
        {"path": "/", "query": "a"},
        {"path": "/", "host": "evil.example"},
        {"path": "/", "host": f"{HOST}."},
        {"path": "/", "wsgi.url_scheme": "https"},
        {"path": "/", "HTTP_IF_MATCH": '"other"'},
        {"path": "/appointments/times/"},
        {"path": "/admin/login/"},
        {"path": "/readyz"},
        {"path": "/livez"},
        {"path": "/nowhere/"},
        {"path": "/procedures/nothing/"},
        {"path": "/procedures/kyphoplasty/benefits/more/"},
        {"path": "/procedures/kyphoplasty"},
        {"path": "/appointments/", "method": "POST"},
        {"path": "/", "method": "OPTIONS"},
    ],
    ids=lambda asked: " ".join(map(str, asked.values())),
)
def test_nothing_else_is_kept(site, asked):
    get(site, **asked)

    assert site.kept == {}


@pytest.mark.django_db
def test_no_page_of_one_person_is_kept(site):
    inquiry = make.appointment().inquiry
    for name in ("inquiry", "inquiry_times", "inquiry_cancel", "inquiry_card", "inquiry_calendar"):
        assert get(site, reverse(name, args=[inquiry.key])).status_code == 200

    assert site.kept == {}


class TestNewerWords:
    def test_show_after_two_seconds_and_only_one_look_is_made_for_all(self, look):
        django, looks = Said("one"), []
        store = PageStore(django, settings.SITE_URL, lambda: looks.append(1) or look.seen)
        assert get(store).content == get(store, "/about/").content == b"one"

        django.words, look.seen = "two", 1
        assert get(store).content == b"one"
        two_seconds_later(store)

        assert [get(store, path).content for path in ("/", "/about/", "/", "/about/")] == [b"two"] * 4
        assert (len(looks), django.asked) == (2, 4)

    def test_are_not_asked_for_where_there_are_none(self, look):
        django = Said("one")
        store = PageStore(django, settings.SITE_URL, look)
        for _ in range(5):
            two_seconds_later(store)
            get(store)

        assert django.asked == 1

    def test_are_fetched_by_one_while_others_get_the_page_as_it_was(self, look):
        django, asked, go = Said("one"), threading.Event(), threading.Event()
        store = PageStore(django, settings.SITE_URL, look)
        get(store)
        two_seconds_later(store)
        look.seen = 1

        def slow(environ, start_response):
            asked.set()
            go.wait(30)
            return Said("two")(environ, start_response)

        store.django, answers = slow, []
        one = threading.Thread(target=lambda: answers.append(get(store).content))
        one.start()
        assert asked.wait(30)
        others = [get(store).content for _ in range(3)]
        go.set()
        one.join(30)

        assert (others, answers, get(store).content) == ([b"one"] * 3, [b"two"], b"two")

    @pytest.mark.parametrize("status", ["404 Not Found", "301 Moved Permanently"])
    def test_that_are_none_take_the_page_away(self, look, status):
        django = Said("one")
        store = PageStore(django, settings.SITE_URL, look)
        get(store)
        django.status, look.seen = status, 1
        two_seconds_later(store)

        assert get(store).status_code == int(status[:3])
        assert store.kept == {}

    def test_are_waited_for_with_the_page_as_it_was_while_django_fails(self, look):
        django = Said("one")
        store = PageStore(django, settings.SITE_URL, look)
        get(store)
        django.status, django.words, look.seen = "503 Service Unavailable", "away", 1
        two_seconds_later(store)
        assert get(store).content == get(store).content == b"one"

        django.status, django.words = "200 OK", "two"
        assert get(store).content == b"two"

    def test_are_looked_for_every_two_seconds_while_the_database_is_away(self, look, monkeypatch):
        now = [100.0]
        monkeypatch.setattr(page_store.time, "monotonic", lambda: now[0])
        looks, django = [], Said("one")

        def away():
            looks.append(now[0])
            raise OperationalError("away")

        store = PageStore(django, settings.SITE_URL, look)
        get(store)
        store.look = away
        for second in range(100, 126):
            now[0] = second
            assert get(store).content == b"one"

        assert (looks, django.asked) == (list(range(102, 126, 2)), 1)

    def test_are_asked_of_django_each_time_where_the_database_is_no_longer_as_the_code_knows_it(self, look):
        django = Said("one")
        store = PageStore(django, settings.SITE_URL, look)
        get(store)

        def other():
            raise ProgrammingError("no such column")

        store.look, django.words = other, "two"
        two_seconds_later(store)

        assert get(store).content == b"two"


def test_while_one_looks_who_asks_for_another_page_does_not_look_too():
    looks = []

    def look():
        looks.append("looks")
        if len(looks) == 1:
            get(store, "/about/")

    store = PageStore(Said(), settings.SITE_URL, look)
    get(store)

    assert looks == ["looks"]


def test_what_sets_a_cookie_or_did_not_succeed_is_never_kept(look):
    for django in (Said(headers=[("Set-Cookie", "a=1")]), Said(status="500 Oh"), Said(status="206 Partial Content")):
        store = PageStore(django, settings.SITE_URL, look)
        get(store)
        get(store)

        assert (store.kept, django.asked) == ({}, 2)


@pytest.mark.django_db(transaction=True)
class TestLook:
    """With real commits: a test's own transaction sees nothing new in its snapshot."""

    def test_costs_one_statement(self):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            newer_words.look()

        assert len(captured) == 1

    def test_is_the_same_while_nobody_writes_and_another_after_any_write(self):
        with time_machine.travel("2026-11-23T10:00:30Z", tick=False):
            clinic = make.clinic()
            # Other tests write beside this one, to databases of the same server: some looks must find it quiet.
            assert any(self.looked_and_read_and_looked() for _ in range(1_000))

            before = newer_words.look()
            Clinic.objects.update(name=clinic.name)
            assert newer_words.look() != before

    def looked_and_read_and_looked(self):
        before = newer_words.look()
        Clinic.current()
        return newer_words.look() == before

    def test_sees_what_was_planned_and_the_next_sum(self):
        with time_machine.travel("2026-11-23T10:00:30Z", tick=False) as clock:
            now = timezone.now()
            Announcement.objects.create(
                words="Closed.", starts_at=now + timedelta(seconds=3), ends_at=now + timedelta(seconds=9)
            )
            page = make.page(None, GLOSSARY)
            page.save_draft(Words("Later", "Lead.", "Words.\n")).publish(at=now + timedelta(seconds=6))
            seen = []
            for _ in range(11):
                minute, _snapshot, *planned = newer_words.look()
                seen.append((minute, planned))
                clock.shift(3)

        changed = [3 * n for n in range(1, 11) if seen[n] != seen[n - 1]]
        assert changed == [3, 6, 9, 30]

    def test_an_edit_by_anybody_shows_and_a_withdrawn_page_is_gone(self, site):
        path = "/procedures/kyphoplasty/"
        assert b"Elm Spine Clinic" not in get(site, path).content

        make.clinic(name="Elm Spine Clinic")
        two_seconds_later(site)
        assert b"Elm Spine Clinic" in get(site, path).content

        with connection.cursor() as cursor:
            cursor.execute("UPDATE procedures_procedure SET is_published = false")
        two_seconds_later(site)
        assert get(site, path).status_code == 404
