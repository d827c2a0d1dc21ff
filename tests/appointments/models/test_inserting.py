from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import Inquiry
from appointments.models.inserting import _literal, insert
from tests import make

pytestmark = pytest.mark.django_db


def unsaved(**fields) -> Inquiry:
    about = {"kind": "question", "name": "Rosa Lind", "contact_by": "phone", "phone": "212 555 0123", "message": "Hi"}
    moment = timezone.now()
    return Inquiry(
        submission_id="a", created_at=moment, answer_by=moment + timedelta(days=1),
        **about | fields,
    )  # fmt: skip


def test_the_stored_row_is_the_one_that_was_to_be_stored_and_has_its_history():
    inquiry = unsaved(
        procedure=make.procedure(), patient_name="Sören “Ö” O’Neil; '%s'", reach_note="100% \\ no",
        search_trigrams=[" ro", 'a"b', "\\\\c", "{,}", "NULL", "%s'", ""],
    )  # fmt: skip

    assert insert(inquiry) is True

    fields = {field.attname: getattr(inquiry, field.attname) for field in Inquiry._meta.concrete_fields}
    assert Inquiry.objects.values().get() == fields
    assert [event.patient_name for event in inquiry.events.all()] == [inquiry.patient_name]
    inquiry.save(force_update=True)
    assert Inquiry.objects.count() == 1


def test_a_value_of_another_type_becomes_that_of_its_column():
    insert(unsaved(legal_hold=1, version=False, patient_name=True))

    assert Inquiry.objects.values_list("legal_hold", "version", "patient_name").get() == (True, 0, "True")


def test_what_is_usual_may_have_any_sign():
    usual = "50 %s o'clock \\ “so”"

    with connection.cursor() as cursor:
        assert cursor.execute(f"SELECT {_literal(usual)}, %s", [1]).fetchone() == (usual, 1)


def test_what_is_there_already_is_an_error_or_stores_nothing():
    first = unsaved()
    insert(first)
    again = unsaved(name="Rosa Berg")

    assert insert(again, unless_there=True) is False
    with pytest.raises(IntegrityError, match="submission_id"), transaction.atomic():
        insert(again)
    assert (Inquiry.objects.get().name, again.pk) == ("Rosa Lind", None)


def test_a_row_that_breaks_a_rule_is_an_error_whatever_is_there():
    with pytest.raises(IntegrityError, match="an_inquiry_has_a_name"), transaction.atomic():
        insert(unsaved(name=""), unless_there=True)


def test_what_is_empty_is_left_out_of_a_statement_which_psycopg_remembers_up_to_fifty_values():
    """The history's context brings two more."""
    with CaptureQueriesContext(connection) as captured:
        insert(
            unsaved(
                procedure=make.procedure(), wished_at=timezone.now(), wished_visit_type_id=1, wished_practitioner_id=1
            )
        )

    columns, _, values = captured[-1]["sql"].partition(" VALUES ")
    assert columns.count(",") + 1 <= 48
    assert "NULL" not in values
