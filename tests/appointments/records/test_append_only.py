"""What the history and the logs say stays: whoever asks the database, with whatever statement."""

from importlib import import_module

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import waiting_list
from appointments.inquiries import lifecycle
from appointments.models import Inquiry
from appointments.records import erasure
from clinic.accounts import emergency, roles
from tests import make

pytestmark = pytest.mark.django_db

ONCE_FOR_ALL = import_module("appointments.migrations.0035_the_admins_log_names_no_patient").ONCE_FOR_ALL


def refusal(statement: str, *values: object) -> str:
    """The first line of what Postgres says to it."""
    with pytest.raises(IntegrityError) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(raised.value).partition("\n")[0]


def test_no_statement_changes_or_deletes_a_line_of_the_history():
    make.appointment(make.inquiry())
    for table in ("appointments_inquiryevent", "appointments_appointmentevent"):
        said = f"A row of {table} stays as it was written."
        assert refusal(f"DELETE FROM {table}") == said  # noqa: S608
        assert refusal(f"UPDATE {table} SET pgh_created_at = now() - interval '1 day'") == said  # noqa: S608
        assert refusal(f"UPDATE {table} SET status = 'closed'") == said  # noqa: S608
    assert refusal("UPDATE appointments_inquiryevent SET name = '–'").endswith("stays as it was written.")


def test_nor_one_of_the_history_of_what_somebody_waits_for():
    visit = make.practitioner().schedules.get().visit_type
    waiting_list.wait(
        inquiry=make.inquiry(), visit_type=visit, practitioner=None, half_days=[], by=Actor.visitor()
    )  # fmt: skip

    said = "A row of appointments_waitinglistwishevent stays as it was written."
    assert refusal("DELETE FROM appointments_waitinglistwishevent") == said
    assert refusal("UPDATE appointments_waitinglistwishevent SET half_days = '{1}'") == said


def test_not_even_who_says_that_they_erase_changes_more_than_words():
    inquiry = make.inquiry(name="Rosa Lind")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL clinic.erasing = 'on'")

    assert refusal("UPDATE appointments_inquiryevent SET status = 'closed', name = '–'").endswith("as it was written.")
    assert refusal("DELETE FROM appointments_inquiryevent").endswith("as it was written.")
    assert inquiry.events.get().name == "Rosa Lind"


def test_after_an_erasure_the_history_of_others_stays_also_for_the_owner():
    erased, other = make.inquiry(), make.inquiry(name="Rosa Lind")
    erasure.erase(erased, reason="a wish", by=Actor.system())

    assert refusal("UPDATE appointments_inquiryevent SET name = '–' WHERE pgh_obj_id = %s", other.pk).endswith(
        "as it was written."
    )


def test_the_history_of_an_inquiry_that_is_not_erased_keeps_its_words():
    inquiry = make.inquiry()

    assert refusal("SELECT erase_words_of_history(%s)", inquiry.pk) == (
        f"Inquiry {inquiry.pk} is not erased: its history stays."
    )


def test_erasing_keeps_each_line_with_its_moment_and_its_actor():
    kept = ("pgh_id", "pgh_created_at", "pgh_label", "pgh_context_id", "status", "version")
    inquiry, ann = make.inquiry(name="Rosa Lind", message="It hurts"), Actor.staff(make.front_desk())
    lifecycle.take(inquiry=inquiry, version=1, by=ann)
    before = list(inquiry.events.order_by("pgh_id").values_list(*kept))

    erasure.erase(inquiry, reason="Their wish", by=ann)

    assert list(inquiry.events.order_by("pgh_id").values_list(*kept))[:2] == before
    assert set(inquiry.events.values_list("name", "message", "phone", "key")) <= {
        ("–", "–", "–", "–"),
        ("–", "–", "–", Inquiry.objects.get().key),  # The line of the erasure itself, with the new key.
    }


def test_no_statement_changes_or_deletes_who_erased_what_or_who_could_read_everything():
    ann = make.front_desk()
    erasure.erase(make.inquiry(), reason="Their wish", by=Actor.staff(ann))
    access = emergency.begin(user=ann, minutes=60, why="An emergency")
    erased, given = (
        "A row of appointments_erasure stays as it was written.",
        "An emergency access stays as it was given.",
    )

    assert refusal("DELETE FROM appointments_erasure") == erased
    assert refusal("UPDATE appointments_erasure SET by_id = NULL") == erased
    assert refusal("DELETE FROM clinic_emergencyaccess") == given
    assert refusal("UPDATE clinic_emergencyaccess SET ends_at = begins_at + interval '1 minute'") == given
    assert refusal("UPDATE clinic_emergencyaccess SET why = 'Nothing'") == given
    assert type(access).objects.update(why="–") == 1


def test_who_did_something_is_told_for_good_once_the_request_is_over():
    lifecycle.take(inquiry=make.inquiry(), version=1, by=Actor.staff(make.front_desk()))
    said = "A row of pghistory_context stays as it was written."

    assert refusal("DELETE FROM pghistory_context") == said
    assert refusal("UPDATE pghistory_context SET created_at = now() - interval '2 hours'") == said


class TestTheAdminsLog:
    def entries(self) -> list[tuple[str, str]]:
        return list(LogEntry.objects.order_by("pk").values_list("object_repr", "change_message"))

    def test_a_row_is_named_by_its_id_and_a_change_by_its_fields(self, client):
        make.clinic()
        client.force_login(make.user(roles.MANAGER))
        doctor = make.practitioner("Jane Doe, MD")
        doctor.busy_blocks.create(starts_at=timezone.now(), ends_at=timezone.now() + timezone.timedelta(hours=1))
        period = {"starts_at_0": "2030-01-01", "starts_at_1": "00:00", "ends_at_0": "2030-01-02", "ends_at_1": "00:00"}
        client.post("/admin/appointments/closure/add/", {"name": "Rosa Lind is ill", **period})

        [(row, message)] = self.entries()
        assert (row.split()[0], message) == ("closure", '[{"added": {}}]')

    def test_what_other_code_writes_loses_its_words_too(self):
        user, inquiry = make.user(), make.inquiry(name="Rosa Lind")
        within = {"name": "busy time", "object": "Rosa Lind", "fields": ["From"]}
        messages = [[{"changed": {"fields": ["Name"]}}, {"deleted": within}], "Rosa Lind called", []]
        for message in messages:
            LogEntry.objects.log_actions(user.pk, [inquiry], 2, change_message=message)

        assert [row for row, _message in self.entries()] == [inquiry.reference] * 3
        shown = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
        assert shown == ["Changed Name. Deleted busy time “…”.", "", "No fields changed."]

    def test_it_stays_as_it_was_written(self):
        LogEntry.objects.log_actions(make.user().pk, [make.inquiry()], 2, change_message=[])
        said = "A row of django_admin_log stays as it was written."

        assert refusal("UPDATE django_admin_log SET user_id = user_id + 1") == said
        assert refusal("DELETE FROM django_admin_log") == said

    def test_what_was_written_before_is_blanked_once(self):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE django_admin_log DISABLE TRIGGER USER")
        LogEntry.objects.log_actions(make.user().pk, [make.inquiry(name="Rosa Lind")], 2, change_message="Rosa")
        assert "Rosa Lind" in self.entries()[0][0]

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(ONCE_FOR_ALL)
            cursor.execute("ALTER TABLE django_admin_log ENABLE TRIGGER USER")

        assert self.entries() == [(Inquiry.objects.get().reference, "")]


class TestAccounts:
    def test_an_account_is_deleted_by_no_statement(self):
        user = make.user()

        assert refusal("DELETE FROM auth_user") == "An account is stopped (is_active), never deleted."
        with pytest.raises(IntegrityError), transaction.atomic():
            user.delete()

    def test_not_even_a_superuser_deletes_one_in_the_admin(self, client):
        client.force_login(make.user(is_superuser=True))
        other = make.user()

        assert client.post(f"/admin/auth/user/{other.pk}/delete/", {"post": "yes"}).status_code == 403
        marked = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
        client.post("/admin/auth/user/", marked)
        assert get_user_model().objects.filter(pk=other.pk).exists()
