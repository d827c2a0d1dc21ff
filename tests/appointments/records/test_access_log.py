"""Who saw which record: written once, never changed, and hashed each night."""

import io
from datetime import date, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from appointments.models import AccessAction, AccessLog, AccessLogDay
from appointments.records import access_log
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db


def seen() -> list[tuple]:
    return list(AccessLog.objects.values_list("action", "actor", "inquiry", "hits"))


def test_each_view_of_a_record_and_each_search_is_one_row_of_ids(client):
    ann, boss = make.front_desk(), make.user(roles.MANAGER)
    first, second = make.inquiry(name="Rosa Lind"), make.inquiry(name="Sam Okoro")
    address = "/admin/appointments/inquiry/"
    client.force_login(ann)
    client.get(f"{address}{first.pk}/change/")
    client.get(address)
    client.post(f"{address}find/", {"typed": "Lind"})
    client.post(f"{address}find/", {"typed": "Zbigniew"}, follow=True)
    client.post(f"{address}find/", {"typed": "Sma Okoro"}, follow=True)
    client.force_login(boss)
    client.get(f"{address}{second.pk}/chart/")
    client.get(f"{address}{second.pk}/data/")
    client.get(f"{address}{second.pk}/history/")

    assert seen() == [
        ("read", ann.pk, first.pk, None),
        ("searched", ann.pk, None, 1),  # The one that fits: its desk comes at once.
        ("searched", ann.pk, None, 0),
        ("searched", ann.pk, None, 1),
        ("printed", boss.pk, second.pk, None),
        ("exported", boss.pk, second.pk, None),
        ("read", boss.pk, second.pk, None),
    ]


def test_who_is_refused_has_seen_nothing(client):
    inquiry = make.inquiry()
    client.force_login(make.user(roles.CONTENT_EDITOR))
    answers = [client.get(f"/admin/appointments/inquiry/{inquiry.pk}/{page}/") for page in ("change", "chart", "data")]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert seen() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE appointments_accesslog SET actor_id = 1",
        "DELETE FROM appointments_accesslog",
        "UPDATE appointments_accesslogday SET number = 0",
        "DELETE FROM appointments_accesslogday",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_row(statement):
    access_log.record(AccessAction.SEARCHED, by=make.user(), hits=3)
    access_log.seal_days(timezone.now() + timedelta(days=1))

    refused = pytest.raises(IntegrityError, match="stays as it was written")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_access_names_a_record_or_counts_some():
    with pytest.raises(IntegrityError), transaction.atomic():
        access_log.record(AccessAction.READ, by=make.user())


def test_who_has_seen_a_record_is_not_deleted():
    ann = make.front_desk()
    access_log.record(AccessAction.SEARCHED, by=ann, hits=0)

    with pytest.raises(ProtectedError):
        ann.delete()


class TestDays:
    @pytest.fixture(autouse=True)
    def three_days(self):
        """Accesses on the first and the third of three days, the second of them just before midnight; all hashed."""
        ann = make.front_desk()
        for moment in ("2026-11-23T17:00Z", "2026-11-25T23:59:59Z", "2026-11-25T08:00Z"):
            with time_machine.travel(moment, tick=False):
                access_log.record(AccessAction.SEARCHED, by=ann, hits=2)
        with time_machine.travel("2026-11-26T07:37Z", tick=False):
            access_log.seal_days(timezone.now())

    def rewrite(self, statement: str) -> None:
        """As the database's owner could, who may take the trigger away."""
        table = statement.split()[2 if statement.startswith("DELETE") else 1]
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER stays_as_written")
            cursor.execute(statement)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER stays_as_written")

    def test_each_day_that_is_over_has_its_count_once(self):
        assert access_log.seal_days(timezone.now().fromisoformat("2026-11-26T23:00+00:00")) == 0
        assert list(AccessLogDay.objects.values_list("day", "number")) == [
            (date(2026, 11, 23), 1), (date(2026, 11, 24), 0), (date(2026, 11, 25), 2),
        ]  # fmt: skip
        assert list(access_log.differing_days()) == []

    @pytest.mark.parametrize(
        ("statement", "days"),
        [
            ("UPDATE appointments_accesslog SET hits = 0 WHERE at < '2026-11-24'", [23]),
            ("DELETE FROM appointments_accesslog WHERE at < '2026-11-24'", [23]),
            ("UPDATE appointments_accesslog SET at = at - interval '1 day' WHERE at > '2026-11-25T12:00Z'", [24, 25]),
            ("UPDATE appointments_accesslogday SET digest = repeat('0', 64) WHERE day = '2026-11-24'", [24, 25]),
            ("DELETE FROM appointments_accesslogday WHERE day = '2026-11-24'", [24, 25]),
        ],
    )
    def test_the_days_that_somebody_rewrote_are_named(self, statement, days):
        self.rewrite(statement)

        assert list(access_log.differing_days()) == [date(2026, 11, day) for day in days]
        named = ", ".join(f"2026-11-{day}" for day in days)
        with pytest.raises(CommandError, match=f"not what it was on {named}"):
            call_command("check_access_log")

    def test_the_command_says_so_when_nothing_differs(self):
        said = io.StringIO()
        call_command("check_access_log", stdout=said)

        assert said.getvalue() == "Each day of the access log is as it was when it was hashed.\n"
