"""What each role of the database may do, and what it is refused."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from appointments import tasks
from appointments.actors import Actor
from appointments.inquiries import lifecycle
from appointments.models import AccessAction, AccessLog, Inquiry, MailState, NotificationKind
from appointments.notifications.notify import notify
from appointments.notifications.queue import SEND_MAILS, wake_outbox
from appointments.records import access_log, erasure
from clinic.accounts import emergency, roles
from clinic.checks import the_site_does_not_own_its_tables
from clinic.operations import database_roles
from tests import make, smtp, workers

LOGS = (
    "appointments_accesslog", "appointments_accesslogday", "appointments_inquiryevent",
    "appointments_appointmentevent", "appointments_daynoteevent", "django_admin_log", "appointments_erasure",
    "clinic_emergencyaccess",
)  # fmt: skip


def prefix() -> str:
    """Roles are the whole server's: each database of the tests has its own."""
    return str(connection.settings_dict["NAME"])


@contextmanager
def acting_as(kind: str) -> Iterator[None]:
    """Let this connection be the role's, until the end of the block."""
    with connection.cursor() as cursor:
        cursor.execute(f'SET SESSION AUTHORIZATION "{database_roles.names(prefix())[kind]}"')
    try:
        yield
    finally:
        connection.cursor().execute("RESET SESSION AUTHORIZATION")


@pytest.fixture
def made(db):
    """The roles, which go with the test's transaction."""
    call_command("database_roles", prefix=prefix(), stdout=io.StringIO())


@pytest.fixture
def connect(transactional_db):
    """A way to connect as one of the roles, which go after the test."""
    call_command("database_roles", prefix=prefix(), stdout=io.StringIO())
    database = connection.settings_dict

    def as_role(kind: str):
        user = database_roles.names(prefix())[kind]
        return psycopg.connect(host=database["HOST"], dbname=database["NAME"], user=user, autocommit=True)

    yield as_role
    with connection.cursor() as cursor:
        for name in database_roles.names(prefix()).values():
            cursor.execute(f'DROP OWNED BY "{name}"')
            cursor.execute(f'DROP ROLE "{name}"')


def refused(session: psycopg.Connection, statements: list[str]) -> list[str]:
    """The statements that were refused for want of a right."""
    found = []
    for statement in statements:
        try:
            session.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            found.append(statement)
    return found


def test_web_and_worker_change_no_log_and_no_table(connect):
    statements = [
        *(f"{verb} {table}" for table in LOGS for verb in ("DELETE FROM", "TRUNCATE")),
        *(f"UPDATE {table} SET pgh_label = ''" for table in LOGS if table.endswith("event")),  # noqa: S608
        "UPDATE appointments_accesslog SET hits = 0",
        "UPDATE django_admin_log SET object_repr = ''",
        "UPDATE appointments_erasure SET reason = ''",
        "UPDATE clinic_emergencyaccess SET ends_at = now()",
        "DELETE FROM pghistory_context",
        "DELETE FROM auth_user",
        "TRUNCATE appointments_inquiry CASCADE",
        "UPDATE django_migrations SET name = ''",
        "CREATE TABLE public.mine (id int)",
        "ALTER TABLE appointments_accesslog DISABLE TRIGGER stays_as_written",
        "DROP TABLE appointments_accesslog",
        "CREATE OR REPLACE FUNCTION public.stays_as_written() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
        "CREATE ROLE another",
    ]
    for kind in ("web", "worker"):
        with connect(kind) as session:
            assert refused(session, statements) == statements


def test_only_the_web_writes_accounts(connect):
    with connect("web") as web, connect("worker") as worker:
        assert refused(web, ["UPDATE auth_user SET is_active = is_active"]) == []
        assert refused(worker, ["UPDATE auth_user SET is_active = is_active", "SELECT * FROM auth_user"]) == [
            "UPDATE auth_user SET is_active = is_active"
        ]


def test_no_job_signs_anybody_in_or_gives_them_a_factor(connect):
    signing_in = [
        "clinic_secondfactor",
        "clinic_backupcode",
        "clinic_clinicaccount",
        "django_otp_webauthn_webauthncredential",
    ]
    ended = ["clinic_staffsession", "clinic_wrongpasswords", "clinic_keptpost"]
    writing = [f"INSERT INTO {table} DEFAULT VALUES" for table in (*signing_in, *ended)]
    writing += [f"UPDATE {table} SET id = id" for table in signing_in]  # noqa: S608
    writing += ["UPDATE clinic_staffsession SET user_id = 1", "UPDATE clinic_wrongpasswords SET number = 0"]
    writing += [f"DELETE FROM {table}" for table in signing_in]  # noqa: S608
    with connect("worker") as worker:
        assert refused(worker, writing) == writing
        assert refused(worker, [f"DELETE FROM {table}" for table in ended]) == []  # noqa: S608


def test_no_page_gives_emergency_access_or_seals_a_day_of_the_access_log(connect):
    statements = [
        "INSERT INTO clinic_emergencyaccess (user_id, why, begins_at, ends_at) VALUES (1, '', now(), now())",
        "INSERT INTO appointments_accesslogday VALUES ('9999-12-31', 0, '')",
    ]
    with connect("web") as web, connect("worker") as worker:
        assert refused(web, statements) == statements
        assert refused(worker, statements[:1]) == statements[:1]


def test_the_backup_reads_everything_and_writes_nothing(connect):
    make.inquiry()
    tables = connection.introspection.table_names()
    with connect("backup") as session:
        assert refused(session, [f'SELECT * FROM "{table}"' for table in tables]) == []  # noqa: S608
        session.execute("SET default_transaction_read_only = off")
        writing = [f'DELETE FROM "{table}"' for table in tables]  # noqa: S608
        assert refused(session, writing) == writing


def test_what_was_proved_is_added_by_web_and_backup_and_changed_by_nobody(connect):
    add = "INSERT INTO clinic_proof (kind, proved_at, about) VALUES ('backup', now(), 'one')"
    changes = ["UPDATE clinic_proof SET proved_at = now()", "DELETE FROM clinic_proof"]
    for kind in ("web", "backup"):
        with connect(kind) as session:
            session.execute("SET default_transaction_read_only = off")
            assert refused(session, [add, *changes]) == changes


def test_the_site_works_as_web(made, client):
    make.clinic()
    manager, desk = make.user(roles.MANAGER), make.front_desk(username="ann")
    with acting_as("web"):
        assert client.post("/appointments/", make.form_data(email="rosa@example.com")).status_code == 303
        inquiry = Inquiry.objects.get()
    access = emergency.begin(user=desk, minutes=60, why=f"Look for {inquiry.reference}")
    with acting_as("web"):
        client.post("/admin/login/?next=/admin/", {"username": desk.username, "password": "correct horse battery"})
        page = f"/admin/appointments/inquiry/{inquiry.pk}/change/"
        posted = {"do": "take", "version": "1", "idempotency_key": "6a0c7f1e-0d0f-4f6e-9a52-5d5b1d1f2f3a"}
        assert client.post(page, posted | {"note": "Rings back"}, follow=True).status_code == 200
        found = client.post("/admin/appointments/inquiry/find/", {"typed": "Lind"}, follow=True)
        assert found.status_code == 200
        client.force_login(manager)
        period = {"starts_at_0": "2099-01-01", "starts_at_1": "00:00", "ends_at_0": "2099-01-02", "ends_at_1": "00:00"}
        client.post("/admin/appointments/closure/add/", {"name": "Holiday", **period})
        assert erasure.erase(inquiry, reason="Their wish", by=Actor.staff(manager)) is True
    access.refresh_from_db()
    assert access.why == "–"
    assert list(AccessLog.objects.values_list("action", flat=True)) == ["read", "searched", "read"]
    assert set(inquiry.events.values_list("name", flat=True)) == {"–"}
    assert list(LogEntry.objects.values_list("change_message", flat=True)) == ['[{"added": {}}]']


def test_the_nightly_jobs_run_as_worker(made):
    make.clinic(keep_years=1)
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
    access_log.record(AccessAction.SEARCHED, by=make.user(), hits=0)
    with acting_as("worker"):
        lifecycle.transition(inquiry=inquiry, to="closed", version=1, by=Actor.system())
        assert access_log.seal_days(timezone.now() + timedelta(days=1)) == 1
        for forget in (tasks.forget_wrong_passwords, tasks.clear_sessions, tasks.forget_what_was_typed):
            forget(0)
        assert erasure.erase(inquiry, reason="old", by=Actor.system()) is True


@pytest.mark.real_time
def test_a_worker_runs_the_jobs_of_the_web_and_sends_its_mails(connect):
    make.clinic()
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
    with acting_as("web"):
        notify(NotificationKind.ANSWERED, inquiry)
        wake_outbox()
    with smtp.running() as server:
        assert workers.start(server, "--until-done", role=f"{prefix()}_worker").wait(60) == 0

    assert inquiry.emails.get(kind="answered").state == MailState.SENT
    assert set(ProcrastinateJob.objects.values_list("task_name", "status")) >= {(SEND_MAILS, "succeeded")}


def test_roles_are_made_once(made):
    again = io.StringIO()
    call_command("database_roles", prefix=prefix(), stdout=again)

    assert again.getvalue() == "Each role has what it needs.\n"
    assert database_roles.existing(prefix()) == set(database_roles.names(prefix()).values())


def test_what_a_migrate_makes_is_granted_after_it(made, monkeypatch):
    monkeypatch.setattr(database_roles, "PREFIX", prefix())
    insert, update = "INSERT INTO public.made_anew VALUES (1)", "UPDATE public.made_anew SET id = 2"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.made_anew (id int)")
    with acting_as("web"), connection.cursor() as cursor:
        cursor.execute(insert)
        with pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute(update)  # It may be a log, whose triggers are not known yet.

    database_roles.grant_after_the_last_app(apps.get_app_config("appointments"))

    with acting_as("web"), connection.cursor() as cursor:
        cursor.execute(update)
        assert cursor.rowcount == 1


def test_a_site_that_owns_its_tables_is_warned_of(made, settings):
    assert the_site_does_not_own_its_tables(None, ["default"]) == []  # It is for this machine alone.
    settings.IS_LOCAL = False
    assert [each.id for each in the_site_does_not_own_its_tables(None, ["default"])] == ["clinic.W002"]
    with acting_as("web"):
        assert the_site_does_not_own_its_tables(None, ["default"]) == []


def test_who_may_not_make_roles_is_told_where_to_read_on(made):
    with acting_as("web"), pytest.raises(CommandError, match=r"docs/operating\.md"):
        call_command("database_roles", prefix=f"{prefix()}_more", stdout=io.StringIO())
