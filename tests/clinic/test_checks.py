"""What `manage.py check --deploy` asks of an https site: whatever leaves the machine is encrypted."""

import environ
import pytest

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
