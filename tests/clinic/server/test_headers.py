"""Every kind of answer carries the headers that keep browsers from doing more with it than is meant."""

import re

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.utils.csp import build_policy

from appointments.inquiries import lifecycle
from appointments.public import proofs
from clinic import practice, wsgi
from clinic import settings as site_settings
from clinic.server import headers, newer_words
from clinic.server.bodies import Bodies
from clinic.server.page_store import PageStore
from clinic.server.turns import Turns
from tests import make
from tests.wsgi import call

pytestmark = pytest.mark.django_db

SITE = "https://clinic.example"
HERE = {"HTTP_HOST": "clinic.example", "wsgi.url_scheme": "https"}
TOKEN = "a token of at least twenty signs"
FORM = "application/x-www-form-urlencoded"
ON_ALL = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FOR_VISITORS = ON_ALL | {
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Permissions-Policy": headers.FOR_VISITORS,
}
FOR_STAFF = ON_ALL | {
    "Content-Security-Policy": build_policy(site_settings.STAFF_CSP),
    "Permissions-Policy": headers.FOR_STAFF,
}


@pytest.fixture
def site(settings, monkeypatch):
    """The whole of the site's layers as with an https SITE_URL. Middlewares read the settings when they are made."""
    settings.SITE_URL, settings.ALLOWED_HOSTS = SITE, ["clinic.example"]
    settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, "clinic.example"
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.WHITENOISE_USE_FINDERS = True  # In tests no file is collected.
    monkeypatch.setattr(newer_words, "close_old_connections", lambda: None)
    monkeypatch.setattr(wsgi, "_django", WSGIHandler())
    settings.METRICS_TOKEN = TOKEN
    practice.current()
    return PageStore(Turns(Bodies(wsgi.readable)), SITE, newer_words.look)


def no_place(environ, start_response):
    environ["clinic.refused_with"] = 503
    return wsgi.readable(environ, start_response)


def answers(site, monkeypatch):
    """Each kind of answer under its name: what was asked, the status expected, and the answer."""
    make.procedure()
    inquiry = make.inquiry(phone="(212) 555-0123")
    proved = {"HTTP_COOKIE": f"{proofs.cookie()}={proofs.signed(inquiry, proofs.SENT)}"}
    staff = Client(headers={"host": "clinic.example"})
    staff.force_login(make.user(is_superuser=True))
    signed_in = {"HTTP_COOKIE": f"{site_settings.SESSION_COOKIE_NAME}={staff.cookies['sessionid'].value}"}
    etag = call("GET", "/about/", app=site, **HERE).headers["ETag"]

    def ask(status, method, path, *, app=site, **more):
        answer = call(method, path, app=app, **HERE | more)
        assert answer.status_code == status, (method, path, answer.status_code)
        return answer

    yield "a page that is kept", ask(200, "GET", "/about/")
    yield "its head", ask(200, "HEAD", "/about/")
    yield "its 304", ask(304, "GET", "/about/", HTTP_IF_NONE_MATCH=etag)
    yield "a page that is not kept", ask(200, "GET", "/about/", query="a=b")
    yield "robots", ask(200, "GET", "/robots.txt")
    yield "a style", ask(200, "GET", "/static/css/site.css")
    yield "a file that is not there", ask(404, "GET", "/static/css/none.css")
    yield "free times", ask(200, "GET", "/appointments/times/")
    yield "an own page that asks", ask(200, "GET", inquiry.own_page_url())
    yield "an own page", ask(200, "GET", inquiry.own_page_url(), **proved)
    yield "a form with mistakes", ask(422, "POST", "/appointments/", body=b"name=a", content_type=FORM)
    yield "a post from elsewhere", ask(403, "POST", "/appointments/", HTTP_SEC_FETCH_SITE="cross-site")
    yield "an old address", ask(301, "GET", "/contact/")
    yield "an address without its slash", ask(301, "GET", "/about")
    yield "an address that is not there", ask(404, "GET", "/nowhere/")
    yield "a method that is not meant", ask(405, "PUT", "/about/")
    yield "a zero byte", ask(400, "GET", "/about/", query="q=%00")
    yield "another host", ask(400, "GET", "/nowhere/", HTTP_HOST="evil.example")
    yield "an odd Content-Type", ask(415, "POST", "/appointments/", content_type=f"{FORM}; charset=hex")
    yield "too long a form", ask(413, "POST", "/appointments/", content_type=FORM, CONTENT_LENGTH="9999999")
    yield "a file", ask(415, "POST", "/appointments/", content_type="multipart/form-data; boundary=x")
    yield "no place to wait", ask(503, "GET", "/appointments/times/", app=no_place)
    yield "a probe", ask(200, "GET", "/livez")
    yield "an alarm", ask(503, "GET", "/readyz", REMOTE_ADDR="127.0.0.1")
    yield "figures", ask(200, "GET", "/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    yield "http", ask(301, "GET", "/about/", app=wsgi.readable, **{"wsgi.url_scheme": "http"})
    yield (
        "http for another host",
        ask(301, "GET", "/about/", app=wsgi.readable, HTTP_HOST="evil.example", **{"wsgi.url_scheme": "http"}),
    )
    yield "a probe by http and IP", ask(200, "GET", "/livez", HTTP_HOST="10.0.0.7", **{"wsgi.url_scheme": "http"})
    yield "staff's login", ask(200, "GET", "/admin/login/")
    yield "staff's way to it", ask(302, "GET", "/admin/")
    yield "staff's script", ask(200, "GET", "/static/js/idle.js")
    yield "staff's list", ask(200, "GET", "/admin/sessions/", **signed_in)
    yield "staff's post without a token", ask(403, "POST", "/admin/login/", body=b"a=b", content_type=FORM)

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(lifecycle, "submit", broken)
    form = "&".join(f"{name}={value}" for name, value in make.form_data(phone="2125550123", message="a").items())
    yield "a fault of ours", ask(500, "POST", "/appointments/", body=form.encode(), content_type=FORM)


def test_every_kind_of_answer_carries_them(site, monkeypatch):
    seen = {name: answer.headers for name, answer in answers(site, monkeypatch)}

    wanted = {
        name: FOR_STAFF if name.startswith("staff's") and name != "staff's script" else FOR_VISITORS for name in seen
    }
    assert {name: {each: said.get(each) for each in FOR_VISITORS} for name, said in seen.items()} == wanted
    by_http = {name for name, said in seen.items() if "Strict-Transport-Security" not in said}
    assert by_http == {"http", "http for another host", "a probe by http and IP"}
    assert {said.get("Strict-Transport-Security") for said in seen.values()} == {"max-age=31536000", None}
    assert not [name for name, said in seen.items() if any(each.startswith("Access-Control") for each in said)]
    assert seen["http for another host"]["Location"] == f"{SITE}/about/"


def test_neither_policy_lets_anything_written_in_a_page_run(site):
    for policy in (site_settings.SECURE_CSP, site_settings.STAFF_CSP):
        said = build_policy(policy)
        assert not re.search("unsafe|nonce|sha256|strict-dynamic|http|\\*", said)
    assert "script-src" not in site_settings.SECURE_CSP


def test_only_the_picture_beside_a_shared_link_is_shown_by_others(site):
    said = {path: call("GET", f"/static/{path}", app=site, **HERE) for path in ("img/share.png", "img/icon.svg")}

    assert {
        path: (answer.status_code, answer.headers["Cross-Origin-Resource-Policy"]) for path, answer in said.items()
    } == {
        "img/share.png": (200, "cross-origin"),
        "img/icon.svg": (200, "same-origin"),
    }


class TestMozillasObservatory:
    """
    Each test of its scanner, which starts at 100 points; A+ is 100 and more.

    Source: github.com/mdn/mdn-http-observatory, src/analyzer/tests and src/grader/charts.js, of August 2026.
    """

    @pytest.fixture
    def home(self, site):
        return call("GET", "/", app=site, **HERE | {"HTTP_ORIGIN": "https://http-observatory.security.mozilla.org"})

    def test_content_security_policy_10(self, home):
        said = dict(part.split(" ", 1) for part in home.headers["Content-Security-Policy"].split("; "))
        assert said["default-src"] == "'none'"
        sources = {source for name, words in said.items() if name != "img-src" for source in words.split()}
        assert sources == {"'none'", "'self'"}
        assert 'http-equiv="content-security-policy"' not in home.content.decode().lower()

    def test_cookies_0(self, home):
        assert "Set-Cookie" not in home.headers

    def test_cross_origin_resource_sharing_0(self, home):
        assert "Access-Control-Allow-Origin" not in home.headers

    def test_redirection_0(self, site):
        answer = call("GET", "/", app=site, **HERE | {"wsgi.url_scheme": "http"})
        assert (answer.status_code, answer.headers["Location"]) == (301, f"{SITE}/")

    def test_referrer_policy_5(self, home):
        assert home.headers["Referrer-Policy"] == "same-origin"

    def test_strict_transport_security_0(self, home):
        assert int(home.headers["Strict-Transport-Security"].removeprefix("max-age=")) >= 15_552_000

    def test_subresource_integrity_0(self, home):
        assert "<script src" not in home.content.decode()

    def test_x_content_type_options_0(self, home):
        assert home.headers["X-Content-Type-Options"] == "nosniff"

    def test_x_frame_options_5(self, home):
        assert "frame-ancestors 'none'" in home.headers["Content-Security-Policy"]

    def test_cross_origin_policies_30(self, home):
        said = [home.headers[f"Cross-Origin-{name}-Policy"] for name in ("Resource", "Embedder", "Opener")]
        assert said == ["same-origin", "require-corp", "same-origin"]


@pytest.mark.django_db(transaction=True)
def test_a_browser_complains_of_nothing_on_staffs_pages(browser, live_server):
    make.user(username="ann", is_superuser=True)
    complaints = []
    with browser.new_context(base_url=live_server.url) as context:
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text))
        page.goto("/admin/login/")
        page.get_by_label("Username").fill("ann")
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/admin/")
        for address in ("appointments/inquiry/", "clinic/clinic/1/change/", "procedures/page/", "sessions/"):
            assert page.goto(f"/admin/{address}").status in (200, 302)

    assert complaints == []
