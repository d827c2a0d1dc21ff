"""The one way in which an inquiry is changed: its row locked, compared, counted up, with its history."""

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from appointments.actors import Actor
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.models import Inquiry
from clinic.busy import busy_after_waiting

# The fields that may change once an inquiry is stored.
CHANGEABLE = (
    "status", "screening", "screening_reason", "assigned_to", "answer_by", "answered_at", "legal_hold", "no_reminders",
    "waiting_list_since", "key", "link_state", "link_made_at", "wrong_tries", "email", "contact_by", "search_words",
    "search_trigrams", "wished_at", "wished_visit_type_id", "wished_practitioner_id", "phone", "phone_e164",
    "patient_phone", "reach_note", "spoken_language", "phone_is_wrong", "patient_phone_is_wrong", "email_is_dead",
    "no_contact", "date_of_birth", "chart_number", "talks_with", "talks_with_since", "talks_with_by_id", "same_as_id",
)  # fmt: skip


@contextmanager
def changing(
    inquiry: Inquiry, version: int | None, by: Actor, *, rows: QuerySet | None = None, savepoint: bool = True
) -> Iterator[Inquiry]:
    """
    The inquiry's row, locked, to be changed by the block and saved with its history.

    `rows` are those to look among, where the row is to bring more along. Without a `savepoint` a refusal ends the
    caller's transaction. Raises ChangedMeanwhile unless the row still has the `version` that the decision was made on,
    if there is one; Busy where somebody else does not let go of it in time.
    """
    with busy_after_waiting(), transaction.atomic(savepoint=savepoint), pghistory.context(**by.metadata):
        found = Inquiry.objects.all() if rows is None else rows
        row = found.select_for_update(no_key=True).get(pk=inquiry.pk)
        if row.erased_at:
            raise NotPossible("erased")
        if version is not None and row.version != version:
            raise ChangedMeanwhile
        before = {name: getattr(row, name) for name in CHANGEABLE}
        yield row
        if all(getattr(row, name) == value for name, value in before.items()):
            return
        if (row.status, row.screening) != (before["status"], before["screening"]):
            row.moved_at = timezone.now()
        row.version += 1
        row.save(update_fields=[*CHANGEABLE, "moved_at", "version"])
