"""nginx as deploy/ ships it, run for real."""

import http.client
import shutil
import socket
import ssl
import threading

import pytest

from clinic.server.http import EVERYONE, FOR_SECONDS
from tests.deploy import front as fronts

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed"),
]
KEY = "Zk3_aaaaaaaaaaaaaaaa-9"
PAGES = (
    "/", "/about/", "/accessibility/", "/privacy/", "/notices/language-help/", "/procedures/",
    "/procedures/kyphoplasty/", "/procedures/kyphoplasty/benefits/", "/robots.txt", "/sitemap.xml",
    "/.well-known/security.txt",
)  # fmt: skip


@pytest.fixture
def front(tmp_path):
    with fronts.running(tmp_path) as front:
        yield front


def test_a_page_that_reads_no_query_is_asked_for_once_and_without_the_query(front):
    front.site.headers = {"Cache-Control": EVERYONE}
    answers = {front.ask(f"{path}?utm_source={number}")[1] for path in PAGES for number in range(3)}

    assert front.site.paths == list(PAGES)
    assert len(answers) == len(PAGES)


def test_the_form_and_free_times_are_kept_by_their_query(front):
    front.site.headers = {"Cache-Control": FOR_SECONDS}
    asked = [
        "/appointments/?slot=a",
        "/appointments/?slot=b",
        "/appointments/times/?day=2027-01-04",
        "/appointments/times/",
    ]
    for path in [*asked, *asked]:
        front.ask(path)

    assert front.site.paths == asked


@pytest.mark.parametrize(
    "path", [f"/appointments/{KEY}/", f"/appointments/{KEY}/times/", "/admin/", "/admin/login/", "/livez", "/nowhere/"]
)
def test_nothing_else_is_kept_whatever_it_says(front, path):
    front.site.headers = {"Cache-Control": EVERYONE}
    for _ in range(2):
        front.ask(path)

    assert front.site.paths == [path, path]


def test_a_post_and_a_page_that_is_no_page_for_everyone_are_kept_neither(front):
    front.site.headers = {"Cache-Control": "no-store"}
    for method in ("POST", "GET", "GET"):
        front.ask("/appointments/", method)
    front.site.headers = {"Cache-Control": EVERYONE, "Set-Cookie": "a=b"}
    for _ in range(2):
        front.ask("/about/")

    assert len(front.site.asked) == 5


def test_while_the_site_is_away_a_page_that_was_kept_is_shown_and_another_gives_the_phone_number(front):
    soon = EVERYONE.replace("s-maxage=5, stale-while-revalidate=3", "s-maxage=1")
    front.site.headers = {"Cache-Control": soon}
    kept = front.ask("/about/")
    front.site.is_away = True
    threading.Event().wait(2)

    away, missing = front.ask("/about/"), front.ask("/privacy/")

    assert (kept[:2], away[:2]) == ((200, "answer 1"), (200, "answer 1"))
    assert (missing[0], fronts.PHONE in missing[1], fronts.NAME in missing[1]) == (502, True, True)
    assert missing[2]["Cache-Control"] == "no-store"
    assert front.ask("/appointments/", "POST", b"name=a")[0] == 502


HASHED = "/static/css/site.0123456789ab.css"


def share(front, words: str) -> None:
    file = front.folder / HASHED.removeprefix("/")
    file.parent.mkdir(parents=True)
    file.write_text(words)


def test_a_file_that_a_process_has_is_its_own_and_asked_for_once(front):
    front.site.headers = {"Cache-Control": "public, max-age=315360000, immutable"}
    share(front, "of another release {}")

    assert [front.ask(f"{HASHED}?a={number}")[1] for number in range(2)] == ["answer 1"] * 2
    assert front.site.paths == [HASHED]


@pytest.mark.parametrize("away", [False, True])
def test_a_file_of_another_release_comes_from_the_folder_that_all_share(front, away):
    front.site.status, front.site.is_away = 404, away
    share(front, "of another release {}")

    status, words, headers = front.ask(HASHED)

    assert (status, words) == (200, "of another release {}")
    assert (headers["Content-Type"], headers["Cache-Control"]) == (
        "text/css; charset=utf-8", "public, max-age=315360000, immutable",
    )  # fmt: skip


def test_a_file_that_no_release_has_is_missing(front):
    front.site.status = 404

    status, words, headers = front.ask(HASHED)

    assert (status, fronts.PHONE in words, headers["Cache-Control"]) == (404, True, "no-store")


def test_a_page_that_was_kept_is_also_shown_while_the_site_says_that_its_database_is_away(front):
    headers = dict(front.site.headers)
    front.site.headers = {"Cache-Control": EVERYONE.replace("s-maxage=5, stale-while-revalidate=3", "s-maxage=1")}
    kept = [front.ask(path)[1] for path in ("/about/", "/appointments/", "/appointments/times/")]
    front.site.status, front.site.headers = 503, headers
    threading.Event().wait(2)

    away = [front.ask(path)[:2] for path in ("/about/", "/appointments/")]
    missing, times = front.ask("/privacy/"), front.ask("/appointments/times/")

    assert away == [(200, words) for words in kept[:2]]
    assert (missing[0], times[0], times[1] in kept) == (503, 503, False)


def test_the_sites_own_pages_for_errors_pass(front):
    front.site.status = 503

    assert front.ask("/appointments/", "POST", b"name=a")[:2] == (503, "answer 1")


@pytest.mark.parametrize(
    "path", ["/metrics", "/readyz", "/metrics/", "/%6detrics", "//readyz", "/readyz?a=b", "/x/../metrics"]
)
def test_watchers_ask_inside_alone(front, path):
    status, words, _headers = front.ask(path, Authorization="Bearer something")

    assert (status, fronts.PHONE in words, front.site.asked) == (404, True, [])


def test_the_site_is_told_who_asks_whatever_a_visitor_writes(front):
    lies = {"Forwarded": "for=1.2.3.4", "X_Real_IP": "1.2.3.4", "X_Forwarded_Host": "evil.example"}
    front.ask(f"/appointments/{KEY}/", X_Forwarded_For="1.2.3.4", X_Forwarded_Proto="http", **lies)

    [(_method, _path, headers)] = front.site.asked
    told = {
        name: headers.get(name)
        for name in ("Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-IP")
    }
    assert told == {
        "Host": fronts.HOST, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https", "X-Forwarded-Host": None,
        "Forwarded": None, "X-Real-IP": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/appointments/{KEY}/", "/appointments/…/"),
        (f"/appointments/{KEY}/calendar.ics?a=b", "/appointments/…/calendar.ics"),
        (f"/appointments/{KEY}/not-for-me/", "/appointments/…/not-for-me/"),
        (f"/appointments/{KEY}", "…"),
        (f"/appointments/%5A{KEY[1:]}/", "…"),
        (f"//appointments/{KEY}/", "…"),
        (f"/./appointments/{KEY}/", "…"),
        (f"/static/../appointments/{KEY}/", "…"),
        (f"/about/?next=/appointments/{KEY}/", "/about/"),
        ("/appointments/times/?day=2027-01-04", "/appointments/times/"),
        ("/procedures/kyphoplasty/benefits/", "/procedures/kyphoplasty/benefits/"),
        ("/static/css/site.0123456789abcdef0123.css", "/static/css/site.0123456789abcdef0123.css"),
        ("/admin/appointments/inquiry/?q=Rosa", "/admin/appointments/inquiry/"),
        ("/admin/second-step/set-up/abc-def/", "/admin/second-step/…"),
    ],
)
def test_the_log_shows_no_key_and_no_query(front, path, shown):
    front.site.headers = {"Cache-Control": "no-store", "X-Request-ID": "0123456789abcdef"}
    front.ask(path, Referer=f"https://localhost/appointments/{KEY}/")

    [line] = front.log()

    assert (line["path"], line["status"], line["request"]) == (shown, 200, "0123456789abcdef")
    said = "".join(file.read_text() for file in front.folder.glob("*.log"))
    assert (KEY in said, KEY[1:] in said, "Rosa" in said) == (False, False, False)


def test_no_key_is_logged_either_when_the_site_is_away_or_the_address_is_plain_http(front):
    front.site.is_away = True
    front.ask(f"/appointments/{KEY}/")
    plain = http.client.HTTPConnection("127.0.0.1", front.http_port, timeout=10)
    plain.request("GET", f"/appointments/{KEY}/")
    answer = plain.getresponse()
    plain.close()

    assert (answer.status, answer.headers["Location"]) == (301, f"https://localhost/appointments/{KEY}/")
    assert [line["path"] for line in front.log(2)] == ["/appointments/…/"] * 2
    assert KEY not in "".join(file.read_text() for file in front.folder.glob("*.log"))


def test_what_is_too_long_never_reaches_the_site(front):
    assert front.ask("/appointments/", "POST", b"a" * 300_000)[0] == 413
    assert front.site.asked == []
    assert front.ask("/admin/appointments/appointment/import/", "POST", b"a" * 21_000_000)[0] == 200
    assert front.ask("/admin/procedures/page/1/change/", "POST", b"a" * 1_000_000)[0] == 200


def test_who_sends_too_often_is_refused_with_the_phone_number_and_may_read_on(front):
    statuses = [front.ask("/appointments/", "POST", b"name=a")[0] for _ in range(45)]
    refused = front.ask("/appointments/", "POST", b"name=a")

    assert (statuses[:31], statuses[-1]) == ([200] * 31, 429)
    assert (refused[0], fronts.PHONE in refused[1]) == (429, True)
    assert front.ask("/about/")[0] == 200


def test_who_asks_for_another_host_gets_no_certificate(front):
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", front.port)) as plain, pytest.raises(ssl.SSLError):
        trust.wrap_socket(plain, server_hostname="evil.example")
