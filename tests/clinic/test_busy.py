import psycopg
import pytest
from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError
from django.urls import reverse
from procrastinate.exceptions import ConnectorException

from clinic import busy
from clinic.accounts.user_admin import AccountAdmin


def test_what_staff_typed_is_given_back_but_no_password_and_no_code(admin_client, monkeypatch):
    def is_busy(*_arguments, **_named):
        raise busy.Busy

    admin_client.post("/admin/step-up/", {"password": "password"})
    monkeypatch.setattr(AccountAdmin, "changeform_view", is_busy)
    secrets = {"password1": "sesame one", "password2": "sesame two", "old_password": "sesame three", "code": "sesame 4"}

    answer = admin_client.post(
        reverse("admin:auth_user_add"), {"username": "eve adams", "postal_code": "12207"} | secrets
    )

    assert answer.status_code == 503
    assert [each for each in ("eve adams", "12207", "sesame") if each in answer.content.decode()] == [
        "eve adams",
        "12207",
    ]


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (busy.Busy(), True),
        (OperationalError("the database is away"), True),
        (raised(OperationalError("full"), psycopg.errors.DiskFull("full")), True),
        (InterfaceError("the connection is closed"), True),
        (raised(InternalError("no"), psycopg.errors.ReadOnlySqlTransaction("no")), True),
        (raised(ConnectorException("of the queue"), OperationalError("away")), True),
        (raised(InternalError("no"), psycopg.errors.InFailedSqlTransaction("no")), False),
        (ProgrammingError("no such column"), False),
        (RuntimeError("a fault of ours"), False),
    ],
)
def test_what_the_database_refuses_for_now_is_told_from_faults_of_ours(error, is_one):
    assert busy.is_refusal(error) is is_one
