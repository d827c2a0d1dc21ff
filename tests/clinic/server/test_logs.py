"""What patients type, and the keys of their own pages, stand in no log."""

import json
import logging
import re
import threading
from datetime import datetime, timedelta
from http.cookiejar import CookieJar
from logging.config import DictConfigurator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection
from django.urls import reverse
from procrastinate.exceptions import ConnectorException

from appointments.models import Inquiry
from clinic import log_settings
from clinic.accounts import second_factor
from clinic.accounts.hashing import Argon2Hasher
from clinic.checks import what_patients_type_is_in_no_log_of_postgres
from clinic.local import localdb
from clinic.server import request_ids
from clinic.server.logs import Line, LineAsJson
from tests import make
from tests.bench import servers

KEY = "Zk3_aaaaaaaaaaaaaaaa-9"


def line(message: str, *args: object, error: BaseException | None = None) -> str:
    """The record as the log shows it."""
    raised = (type(error), error, error.__traceback__) if error else None
    return Line("%(message)s").format(logging.LogRecord("site", logging.ERROR, "", 0, message, args, raised))


@pytest.mark.parametrize("rest", ["", "/", "/cancel/", "/calendar.ics", "/?again=1"])
def test_an_own_pages_key_is_masked_wherever_it_stands(rest):
    assert line("Not Found: %s", f"https://clinic.example/appointments/{KEY}{rest}") == (
        f"Not Found: https://clinic.example/appointments/…{rest}"
    )


def test_a_line_of_json_holds_the_same_and_the_id_of_its_request():
    record = logging.LogRecord("site", logging.ERROR, "", 0, "At %s", (f"/appointments/{KEY}/",), None)
    try:
        raise IntegrityError("Rosa")
    except IntegrityError as error:
        record.exc_info = (IntegrityError, error, error.__traceback__)

    with request_ids.named() as name:
        said = json.loads(LineAsJson().format(record))

    assert said.pop("raised").splitlines()[-1] == "IntegrityError"
    assert datetime.fromisoformat(said.pop("at")).utcoffset() == timedelta()
    assert said == {"log": "site", "level": "ERROR", "words": "At /appointments/…/", "request": name}


@pytest.mark.parametrize(
    ("name", "cause", "is_written"),
    [
        ("procrastinate.worker.worker", psycopg.OperationalError("away"), False),
        ("procrastinate.utils", psycopg.OperationalError("away"), False),
        # A fault of ours in the queue's tables, and a job that met the same.
        ("procrastinate.utils", psycopg.ProgrammingError("no such table"), True),
        ("appointments.tasks", psycopg.OperationalError("away"), True),
    ],
)
def test_the_queue_writes_no_traceback_of_a_lost_database(name, cause, is_written):
    error = ConnectorException()
    error.__cause__ = cause
    record = logging.LogRecord(name, logging.ERROR, "", 0, "listener error", (), (type(error), error, None))

    config = DictConfigurator(log_settings.settings(as_json=False))
    names = config.config["handlers"]["console"]["filters"]
    filters = [config.configure_filter(config.config["filters"][name]) for name in names]

    assert all(each.filter(record) for each in filters) == is_written


def test_other_addresses_are_whole():
    assert line("%s", "/appointments/times/?day=2027-01-04 /procedures/kyphoplasty/") == (
        "/appointments/times/?day=2027-01-04 /procedures/kyphoplasty/"
    )


def test_what_staff_search_for_is_masked():
    assert line('"GET %s HTTP/1.1" 200', "/admin/appointments/inquiry/?q=Rosa&list=all") == (
        '"GET /admin/appointments/inquiry/?… HTTP/1.1" 200'
    )


@pytest.mark.django_db
def test_a_link_that_sets_a_second_step_up_is_masked():
    user = make.front_desk()
    link = reverse("admin:second_step_set_up", args=[second_factor.invite(user, by_mail=True)])

    assert line('"GET %s HTTP/1.1" 302', link) == '"GET /admin/second-step/set-up/…/ HTTP/1.1" 302'


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except Exception as caught:
        return caught


def test_an_exceptions_words_are_kept_only_where_they_speak_of_the_site():
    typed = raised(ValueError("Rosa"), cause=raised(IntegrityError('duplicate key "x"\nDETAIL: Key (name)=(Rosa)')))
    away = raised(OperationalError("connection refused\nDETAIL: Rosa"))

    assert "Rosa" not in line("Internal Server Error", error=typed) + line("Internal Server Error", error=away)
    assert line("", error=typed).endswith("ValueError")
    assert "IntegrityError\n" in line("", error=typed)
    assert line("", error=away).endswith("OperationalError: connection refused")
    assert "in raised" in line("", error=typed)


def test_the_words_that_another_handler_kept_are_not_shown():
    record = logging.LogRecord(
        "site", logging.ERROR, "", 0, "Failed", (), (ValueError, raised(ValueError("Rosa")), None)
    )
    logging.Formatter().format(record)

    assert "Rosa" not in Line("%(message)s").format(record)


@pytest.mark.django_db
def test_a_postgres_that_logs_statements_is_warned_of():
    assert what_patients_type_is_in_no_log_of_postgres(None, ["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("SET log_error_verbosity = 'default'")
        found = what_patients_type_is_in_no_log_of_postgres(None, ["default"])
        cursor.execute("RESET log_error_verbosity")
    assert [each.id for each in found] == ["clinic.W001"]


TYPED = {
    "name": "Rosalinde Quastenflosser", "phone": "(212) 555-0177", "email": "quastenflosser@example.com",
    "reach_note": "ring twice at the blue door", "message": "my back since the ladder fell",
}  # fmt: skip
SEARCHED = "Quastenflosser-Hernandez"


class Visitor:
    """A browser of somebody who types."""

    def __init__(self, port: int):
        self.base = f"http://127.0.0.1:{port}"
        self.jar = CookieJar()
        self.browser = build_opener(HTTPCookieProcessor(self.jar))

    def get(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        posted = urlencode(data).encode() if data is not None else None
        try:
            with self.browser.open(self.base + path, posted, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as answer:
            return answer.code, answer.read().decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.real_time
def test_a_whole_journey_leaves_nothing_of_it_in_the_logs_of_the_site_and_of_postgres(tmp_path):
    make.clinic()
    staff = make.front_desk()
    # Hashed as that site does it, which knows no hash of the tests'.
    staff.password = Argon2Hasher().encode("correct horse battery", "a salt of sixteen")
    staff.save()
    postgres = localdb.Cluster(settings.BASE_DIR / ".local" / "test-postgres").log
    before = len(postgres.read_bytes())
    form = make.form_data(**TYPED, contact_by="email")
    with open(tmp_path / "log", "wb") as log, servers.site(log) as site:
        visitor = Visitor(site.port)
        both = [threading.Thread(target=visitor.get, args=("/appointments/", form)) for _ in range(2)]
        for tap in both:
            tap.start()
        for tap in both:
            tap.join()
        key = Inquiry.objects.get().key
        own = f"/appointments/{key}/"
        statuses = [visitor.get(f"{own}{rest}")[0] for rest in ("", "nowhere/", "reply/")]
        visitor.get(f"{own}reply/", {"words": TYPED["message"]})
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE appointments_inquiry ADD CONSTRAINT nobody CHECK (false) NOT VALID")
            try:
                broken = visitor.get("/appointments/", form | {"message": f"{TYPED['message']} again"})[0]
            finally:
                cursor.execute("ALTER TABLE appointments_inquiry DROP CONSTRAINT nobody")
        desk = Visitor(site.port)
        login = desk.get("/admin/login/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', login)[1]
        signed_in = {"csrfmiddlewaretoken": token, "username": staff.username, "password": "correct horse battery"}
        desk.get("/admin/login/?next=/admin/", signed_in)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', desk.get("/admin/")[1])[1]
        posted = {"csrfmiddlewaretoken": token, "typed": SEARCHED}
        found = desk.get("/admin/appointments/inquiry/find/", posted)
        desk.get("/admin/nowhere/?" + urlencode({"q": SEARCHED}))
    said = Path(tmp_path / "log").read_text()
    said_by_postgres = postgres.read_bytes()[before:].decode(errors="replace")

    assert (statuses, broken, found[0], Inquiry.objects.count()) == ([200, 404, 200], 500, 200, 1)
    assert SEARCHED in found[1]
    assert "IntegrityError" in said
    assert "/appointments/…/nowhere/" in said
    assert 'violates check constraint "nobody"' in said_by_postgres
    secrets = [*TYPED.values(), SEARCHED, key, "5550177", "Quastenflosser", *TYPED["name"].split()]
    assert [secret for secret in secrets if secret in said] == []
    assert [secret for secret in secrets if secret in said_by_postgres] == []
