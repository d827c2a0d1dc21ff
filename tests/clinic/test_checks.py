"""What `manage.py check --deploy` asks of an https site: whatever leaves the machine is encrypted."""

import re

import environ
import pytest
from django.conf import settings
from django.db import connection

from clinic import checks, email_url

HERE = "postgresql://clinic@/clinic?host=/var/run/postgresql"
FAR = "postgresql://clinic:password@db.example:5432/clinic"
TLS = "smtp+tls://mail.example"


@pytest.fixture
def found(settings):
    """The ids of what is wrong with these two addresses."""

    def ask(database: str, mail: str, *, https: bool = True) -> list[str]:
        settings.HTTPS = https
        settings.DATABASES = {"default": environ.Env.db_url_config(database)}
        settings.MAILERS = email_url.mailers(mail, outbox=None)
        return [each.id for each in checks.what_leaves_this_machine_is_encrypted(None)]

    return ask


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
@pytest.mark.parametrize(
    ("database", "expected"),
    [
        (HERE, []),
        ("postgresql://clinic@127.0.0.1/clinic", []),
        ("postgresql://clinic@localhost/clinic", []),
        (FAR, ["clinic.E005"]),
        (f"{FAR}?sslmode=disable", ["clinic.E005"]),
        (f"{FAR}?sslmode=prefer", ["clinic.E005"]),
        (f"{FAR}?sslmode=allow", ["clinic.E005"]),
        (f"{FAR}?sslmode=require", []),
        (f"{FAR}?sslmode=verify-ca", []),
        (f"{FAR}?sslmode=verify-full", []),
        ("postgresql://clinic@/clinic?host=db.example", ["clinic.E005"]),
        ("postgresql://clinic@localhost/clinic?hostaddr=192.0.2.7", ["clinic.E005"]),
        ("postgresql://clinic@db.example/clinic?host=/var/run/postgresql", ["clinic.E005"]),
    ],
)
def test_the_way_to_the_database(found, database, expected):
    assert found(database, TLS) == expected


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (TLS, []),
        ("smtp+ssl://user:password@mail.example", []),
        ("smtp://mail.example", ["clinic.E006"]),
        ("smtp://127.0.0.1:25", []),
        ("smtp://localhost", []),
    ],
)
def test_the_way_to_the_mail_server(found, mail, expected):
    assert found(HERE, mail) == expected


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_a_site_for_this_machine_alone_is_not_asked(found):
    assert found(FAR, "smtp://mail.example", https=False) == []


@pytest.mark.parametrize(("version", "expected"), [(150_014, ["clinic.E007"]), (160_000, []), (180_004, [])])
def test_a_postgres_that_the_migrations_do_not_know_is_refused(monkeypatch, version, expected):
    monkeypatch.setattr(connection, "pg_version", version)

    found = checks.postgres_is_new_enough(None, databases=["default"])

    assert [each.id for each in found] == expected
    assert [each.msg for each in found] == ["This is Postgres 15: the site needs 16 or newer."] * len(expected)


@pytest.mark.parametrize("doc", ["README.md", "docs/operating.md"])
def test_the_documents_name_the_oldest_postgres(doc):
    text = (settings.BASE_DIR / doc).read_text()

    named = set(re.findall(r"Postgres(?: \|)? (\d+) or newer", text))

    assert named == {str(checks.OLDEST_POSTGRES)}
