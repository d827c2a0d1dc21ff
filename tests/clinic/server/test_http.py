"""One page for everyone: the same bytes, no cookie, and posts from our own pages only."""

import re

import pytest
import time_machine
from django.db import connection

from appointments.models import Inquiry
from clinic.server.http import EVERYONE
from clinic.wsgi import application
from procedures.models import GLOSSARY
from tests import make, wsgi
from tests.patient import Patient

pytestmark = pytest.mark.django_db

PUBLIC = [
    "/",
    "/procedures/",
    "/procedures/kyphoplasty/",
    "/procedures/kyphoplasty/benefits/",
    "/procedures/kyphoplasty/recovery/",
    "/appointments/",
    "/privacy/",
    "/procedures/glossary/",
    "/procedures/kyphoplasty/print/",
    "/about/",
    "/accessibility/",
    "/notices/privacy-practices/",
    "/robots.txt",
    "/.well-known/security.txt",
    "/sitemap.xml",
]


@pytest.fixture(autouse=True)
def _procedure():
    # Half a minute from the next: what is made and what is looked at see the same moment, in any year.
    with time_machine.travel("2026-11-23T10:00:30Z", tick=False):
        make.procedure()
        make.page(None, GLOSSARY)
        yield


@pytest.mark.parametrize("path", PUBLIC)
def test_every_visitor_gets_the_same_bytes_and_no_cookie(path):
    staff = Patient(headers={"accept-language": "es", "user-agent": "Phone"})
    staff.force_login(make.user())
    plain, known = Patient().get(path), staff.get(path)

    assert plain.status_code == 200
    assert plain.content == known.content
    assert plain.headers["ETag"] == known.headers["ETag"]
    for answer in (plain, known):
        assert not answer.cookies
        assert answer.headers["Cache-Control"] == EVERYONE
        assert answer.headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"


@pytest.mark.parametrize("path", [path for path in PUBLIC if path.endswith("/")])
def test_a_page_loads_nothing_but_its_own_style_and_icon(client, path):
    page = client.get(path)
    html = page.content.decode()

    assert re.findall(r"<script[^>]*>", html) in ([], ['<script type="application/ld+json">'])  # data, never run
    assert " style=" not in html
    loaded = re.findall(r'<link rel="(?!canonical)[^>]*href="([^"]*)"|<(?:img|iframe|source|video)[^>]*>', html)
    assert loaded == ["/static/css/site.css", "/static/img/icon.svg", "/static/img/touch.png"]
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/nowhere/"])
def test_no_page_stands_in_a_frame_of_another_site(client, path):
    assert "frame-ancestors 'none'" in client.get(path).headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/appointments/", "/admin/login/", "/nowhere/"])
def test_an_answer_says_what_it_is_and_where_it_came_from_stays_here(client, path):
    headers = client.get(path).headers

    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_browser_that_has_the_page_hears_304(client):
    etag = client.get("/appointments/").headers["ETag"]
    again = client.get("/appointments/", headers={"if-none-match": etag})

    assert (again.status_code, again.content) == (304, b"")


def test_pages_are_compressed_to_the_same_bytes_too(client):
    pages = [client.get("/privacy/", headers={"accept-encoding": "gzip"}) for _ in range(5)]

    assert {page.headers["Content-Encoding"] for page in pages} == {"gzip"}
    assert len({page.content for page in pages}) == 1


def test_the_admin_is_compressed_with_random_bytes_against_breach(client):
    pages = {
        client.get("/admin/login/", headers={"accept-encoding": "gzip"}).headers["Content-Length"] for _ in range(9)
    }

    assert len(pages) > 1


@pytest.mark.parametrize("path", [*PUBLIC, "/contact/", "/appointments/{key}/"])
def test_views_answer_only_the_methods_they_mean(path):
    path = path.format(key=make.inquiry().key)
    make.living_worker()
    browser = Patient(enforce_csrf_checks=True)
    allowed = {"GET", "HEAD"} | ({"POST"} if path == "/appointments/" else set())
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        answer = browser.generic(method, path)
        if method in allowed:
            assert answer.status_code in (200, 301, 422)
        else:
            assert answer.status_code == 405, method
            assert set(answer.headers["Allow"].split(", ")) == allowed
            assert b"(212) 555-0100" in answer.content


@pytest.mark.parametrize("path", ["/livez", "/nothing/", "/appointments/", "/admin/login/"])
def test_an_answer_to_head_has_the_length_and_no_body(path):
    """gunicorn writes a warning for each that has one."""
    read, asked = (wsgi.call(method, path, app=application.django) for method in ("GET", "HEAD"))

    assert (asked.status_code, asked.content) == (read.status_code, b"")
    assert asked.headers.get("Content-Length") == read.headers.get("Content-Length")
    assert read.content


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"}, 403),
        ({"origin": "http://127.0.0.1:8000"}, 303),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:8000.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:8000", "host": "localhost:8000"}, 303),
        ({"origin": "http://localhost:8000"}, 403),
        ({"origin": "https://localhost:8000", "host": "localhost:8000"}, 403),
        ({"origin": "http://localhost:9000", "host": "localhost:8000"}, 403),
        ({}, 303),
    ],
)
def test_a_post_from_another_site_is_refused(headers, status, settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
    browser = Patient(enforce_csrf_checks=True, headers=headers)

    answer = browser.post("/appointments/", make.form_data())

    assert answer.status_code == status
    assert Inquiry.objects.exists() == (status == 303)
    if status == 403:
        assert b"(212) 555-0100" in answer.content


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "null"}])
def test_a_refused_post_stores_nothing_and_shows_the_form_filled_in(headers):
    typed = make.form_data(message="When can I garden again?", reach_note="after five")

    answer = Patient(headers=headers).post("/appointments/", typed)
    page = answer.content.decode()

    assert (answer.status_code, Inquiry.objects.exists()) == (403, False)
    assert "so it is not sent yet" in page
    assert "call us at (212) 555-0100" in page
    assert "When can I garden again?</textarea>" in page
    for field in ("name", "phone", "reach_note", "sum", "sum_token"):
        assert f'name="{field}" value="{typed[field]}"' in page


def test_a_refused_post_of_an_own_page_changes_nothing_and_keeps_the_words():
    inquiry = make.inquiry()
    browser = Patient()
    browser.get(f"/appointments/{inquiry.key}/")

    answer = browser.post(
        f"/appointments/{inquiry.key}/reply/", {"words": "May I come <b>later</b>?"}, headers={"origin": "null"}
    )
    page = answer.content.decode()

    assert (answer.status_code, inquiry.messages.exists()) == (403, False)
    assert "<blockquote>May I come &lt;b&gt;later&lt;/b&gt;?</blockquote>" in page
    assert f'<form method="post" action="/appointments/{inquiry.key}/reply/">' in page
    assert "(212) 555-0100" in page


def test_the_admin_keeps_djangos_own_protection():
    browser = Patient(enforce_csrf_checks=True)

    answer = browser.post("/admin/login/", {"username": "a", "password": "b"})

    assert answer.status_code == 403
    assert b"Nothing was done: this did not come from an open page of this site." in answer.content


def test_cookies_belong_to_the_admin(client):
    make.user(username="ann")
    page = client.post("/admin/login/", {"username": "ann", "password": "correct horse battery"})

    assert page.status_code == 302
    assert {cookie["path"] for cookie in page.cookies.values()} == {"/admin/"}


def test_livez_answers_whoever_probes_and_asks_nothing_of_the_database(client, settings, django_assert_num_queries):
    settings.SECURE_SSL_REDIRECT = True
    with django_assert_num_queries(0):
        answer = client.get("/livez", headers={"host": "10.0.0.7:8000"})

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_readyz_knows_the_migrations(client):
    make.living_worker()
    assert client.get("/readyz").status_code == 200

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'appointments'")

    answer = client.get("/readyz")
    assert (answer.status_code, b"not applied" in answer.content) == (503, True)


@pytest.mark.parametrize(
    ("address", "status"),
    [("/about/?q=%00", 400), ("/admin/?status=%00", 400), ("/procedures/%00/", 404), ("/admin/r/1/%00/", 404)],
)
def test_an_address_with_a_zero_byte_shows_nothing(client, address, status):
    assert client.get(address).status_code == status
