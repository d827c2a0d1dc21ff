"""Several hosts in DATABASE_URL, with the tests' Postgres as one of them."""

from contextlib import closing, nullcontext
from urllib.parse import quote

import pytest
from django.db import OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper

from clinic import database_limits, database_url
from clinic.local import localdb
from clinic.operations.backups import databases


def through(members: str, query: str = "") -> DatabaseWrapper:
    """A connection as a process of the site makes it, to one of these; nothing listens at the first."""
    ours = connection.settings_dict
    socket = quote(localdb.ensure(**ours["CLUSTER"])["HOST"], safe="")
    hosts = members.replace("AWAY", "127.0.0.1:1").replace("OURS", socket)
    found = database_url.read(f"postgresql://{ours['USER']}@{hosts}/{ours['NAME']}?{query}")
    options = database_limits.options(database_limits.WEB, found.get("OPTIONS", {}))
    return DatabaseWrapper(ours | found | {"OPTIONS": options})


@pytest.mark.django_db
def test_a_member_that_is_away_is_passed_over():
    with closing(through("AWAY,OURS,AWAY")) as cluster, cluster.cursor() as cursor:
        cursor.execute("SELECT current_database()")

        assert cursor.fetchone() == (connection.settings_dict["NAME"],)


@pytest.mark.django_db
def test_the_primary_is_meant_unless_the_operator_says_another():
    hosts = "postgresql://clinic@one,two/name"

    assert [database_url.read(f"{hosts}{said}")["OPTIONS"] for said in ("", "?target_session_attrs=any")] == [
        {"target_session_attrs": "primary"},
        {"target_session_attrs": "any"},
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "is_taken"), [("primary", True), ("read-write", False), ("standby", False), ("any", True)]
)
def test_a_member_that_is_not_what_is_wanted_is_passed_over(wanted, is_taken):
    only_reads = f"options=-c default_transaction_read_only=on&target_session_attrs={wanted}"
    with (
        closing(through("AWAY,OURS", only_reads)) as cluster,
        nullcontext() if is_taken else pytest.raises(OperationalError),
    ):
        cluster.ensure_connection()


@pytest.mark.django_db
def test_the_programs_of_a_backup_mean_the_same_member(monkeypatch):
    with closing(through("AWAY,OURS")) as cluster:
        monkeypatch.setattr(databases, "connection", cluster)

        environment = databases.environment(databases.ours())

    assert (environment["PGPORT"], environment["PGTARGETSESSIONATTRS"]) == ("1,5432", "primary")
