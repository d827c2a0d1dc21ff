"""What goes wrong is said in the site's own style, with the phone number."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.test import Client, RequestFactory

from appointments.inquiries import lifecycle
from clinic import practice
from clinic.admin import AnnouncementAdmin
from clinic.server import error_pages
from tests import make, wsgi

pytestmark = pytest.mark.django_db

PHONE = b"(212) 555-0100"


def raising(error: Exception):
    def fail(*_args, **_kwargs):
        raise error

    return fail


def kept(page: str) -> list[tuple[str, str]]:
    """What the page would send again."""
    fields = re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)"', page, re.DOTALL)
    return [(html.unescape(name), html.unescape(value)) for name, value in fields]


def styled(answer) -> bool:
    return PHONE in answer.content and b"site.css" in answer.content and answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/nowhere/", "/appointments/x/", "/appointments/" + "a" * 22 + "/", "/procedures/no/"]
)
def test_an_address_that_is_not_there_is_a_friendly_404(client, path):
    answer = client.get(path)

    assert (answer.status_code, styled(answer)) == (404, True)


@pytest.mark.parametrize("key", ["%00" * 22, "a" * 21, "a" * 23, "ä" * 22, "../../etc/passwd", "'; drop table x; --"])
def test_a_mangled_key_is_a_friendly_404(client, key):
    answer = client.get(f"/appointments/{key}/")

    assert (answer.status_code, styled(answer)) == (404, True)


def test_a_host_that_is_not_ours_is_a_400(client):
    answer = client.get("/", headers={"host": "evil.example"})

    assert (answer.status_code, styled(answer)) == (400, True)


def test_whoever_tries_addresses_that_are_not_there_does_not_reach_the_database(client, django_assert_num_queries):
    client.get("/nowhere/")

    with django_assert_num_queries(0):
        client.get("/wp-login.php")


def test_an_error_page_shows_a_new_phone_number_within_ten_seconds(client, monkeypatch):
    client.get("/nowhere/")
    make.clinic(phone="(646) 555-0111")
    monkeypatch.setattr(practice, "_asked_at", practice._asked_at - practice.FRESH_FOR)

    assert b"(646) 555-0111" in client.get("/nowhere/").content


def test_a_fault_of_ours_is_a_500_with_the_phone_number(monkeypatch):
    practice.current()
    browser = Client(raise_request_exception=False)

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(lifecycle, "submit", broken)
    answer = browser.post("/appointments/", make.form_data())

    assert (answer.status_code, styled(answer)) == (500, True)


@pytest.mark.parametrize("error", [OperationalError("the database is away"), InterfaceError("closed")])
def test_what_is_typed_while_the_database_refuses_is_given_back_in_one_line_of_the_log(monkeypatch, caplog, error):
    practice.current()
    data = make.form_data(message="It <hurts>.\nAt night.", email="rosa@example.com")
    monkeypatch.setattr(lifecycle, "submit", raising(error))

    answer = Client(raise_request_exception=False).post("/appointments/", data)

    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"], styled(answer)) == (503, "5", True)
    assert "Nothing of it is stored, and nobody here has read it." in page
    assert kept(page) == [(name, str(value)) for name, value in data.items()]
    shown = re.findall("<blockquote>(.*?)</blockquote>", page)
    assert shown == ["Rosa Lind", "(212) 555-0123", "rosa@example.com", "It &lt;hurts&gt;.<br>At night."]
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [f"Refused for now: POST /appointments/: {type(error).__name__}: {error}"]


def test_a_fault_in_our_statements_is_a_500(monkeypatch):
    monkeypatch.setattr(lifecycle, "submit", raising(ProgrammingError("no such column")))

    assert Client(raise_request_exception=False).post("/appointments/", make.form_data()).status_code == 500


def test_staff_get_back_what_they_typed_with_their_own_token_and_no_password(admin_client, monkeypatch):
    admin_client.raise_request_exception = False
    monkeypatch.setattr(AnnouncementAdmin, "changeform_view", raising(OperationalError("away")))
    typed = [("csrfmiddlewaretoken", "t" * 32), ("words", "Closed & dark"), ("password1", "sesame"), ("code", "123456")]
    file = SimpleUploadedFile("a.ics", b"BEGIN:VCALENDAR")

    answer = admin_client.post("/admin/clinic/announcement/add/", dict(typed) | {"file": file})

    page = answer.content.decode()
    assert (answer.status_code, kept(page)) == (503, typed[:2])
    assert ("sesame" in page, "123456" in page, "A file has to be chosen again." in page) == (False, False, True)


def test_a_500_page_that_cannot_be_rendered_still_says_to_call(monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(error_pages, "render_to_string", broken)

    answer = error_pages.server_error(RequestFactory().get("/"))

    assert (answer.status_code, b"call us" in answer.content) == (500, True)


FORM = "application/x-www-form-urlencoded"
UNREADABLE = [
    *(f"{FORM}; charset={name}" for name in ("hex", "idna", "base64", "utf-16", "utf-7", "no-such", "\x00", "latin-1")),
    f"{FORM}; charset*=hex''x",
    f"{FORM}; " + "b" * 20_000,
]


@pytest.mark.parametrize("content_type", UNREADABLE)
@pytest.mark.parametrize("path", ["/", "/appointments/", "/admin/login/", "/nowhere/"])
def test_odd_content_types_are_refused_before_anything_is_read(content_type, path):
    for method in ("GET", "POST"):
        answer = wsgi.call(method, path, query="q=%ff", body=b"name=%ff", content_type=content_type)

        assert (answer.status_code, styled(answer)) == (415, True)
        assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_utf_8_is_welcome_however_it_is_written(charset):
    answer = wsgi.call("POST", "/appointments/", body=b"name=a", content_type=f"{FORM}; charset={charset}")

    assert answer.status_code == 422
