"""What happens to an inquiry, each all or nothing and with its history. Knows no request and no form."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pghistory
from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import UniqueViolation

from appointments import phones
from appointments.actors import Actor
from appointments.folding import endings, fold
from appointments.models import Call, Closure, Inquiry, Note, Screening, ScreeningReason, Status
from appointments.models.inquiry import new_reference
from appointments.models.log import Outcome
from clinic import hours
from clinic.models import Clinic

# The moves that staff make by hand. What is new is opened by taking it or by calling.
MOVES = {
    Status.NEW: (Status.WAITING_FOR_PATIENT, Status.CLOSED),
    Status.OPEN: (Status.WAITING_FOR_PATIENT, Status.CLOSED),
    Status.WAITING_FOR_PATIENT: (Status.OPEN, Status.CLOSED),
    Status.CLOSED: (Status.OPEN,),
}


class ChangedMeanwhile(Exception):
    """Somebody else changed the inquiry since it was looked at: look again, then decide."""


class NotPossible(Exception):
    """The inquiry's state does not allow this move."""


def submit(*, inquiry: Inquiry, by: Actor, now: datetime | None = None) -> tuple[Inquiry, bool]:
    """
    Store what a visitor sent, once: return the stored inquiry, and whether it is new.

    Whoever sends the same `submission_id` again, or at the same moment, gets the first one.
    """
    now = now or timezone.now()
    inquiry.created_at = now
    inquiry.answer_by = promise(now)
    inquiry.phone_e164 = phones.e164(inquiry.phone)
    inquiry.search_words = search_words(inquiry)
    while True:
        try:
            with transaction.atomic(), pghistory.context(**by.metadata):
                inquiry.save(force_insert=True)
            return inquiry, True
        except IntegrityError as error:
            if not isinstance(error.__cause__, UniqueViolation):
                raise
            if first := Inquiry.objects.filter(submission_id=inquiry.submission_id).first():
                return first, False
            inquiry.reference = new_reference()  # One of 600 billion was taken: draw another.


def promise(now: datetime) -> datetime:
    """The time by which we answer what is sent at `now`."""
    clinic = Clinic.current()
    return hours.end_of_next_opening_day(
        now,
        week=[row.opening for row in clinic.opening_hours.all()],
        closures=[closure.period for closure in Closure.objects.after(now)],
        zone=clinic.zone,
    )


def search_words(inquiry: Inquiry) -> str:
    """What the inquiry is found by: each word after a space, so that a search can look for beginnings."""
    words = (inquiry.name, inquiry.patient_name, inquiry.reference, inquiry.email)
    numbers = (phones.e164(typed).lstrip("+") for typed in (inquiry.phone, inquiry.patient_phone))
    found = [*map(fold, words), *(ending for number in numbers for ending in endings(number))]
    return "".join(f" {part}" for part in found if part)


def take(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    """Put the inquiry into the hands of `by`; what was new is open then. Raises NotPossible for a closed one."""
    with _changing(inquiry, version, by) as row:
        if row.status == Status.CLOSED:
            raise NotPossible("take a closed inquiry")
        row.assigned_to = by.user
        if row.status == Status.NEW:
            row.status = Status.OPEN
    return row


def move(*, inquiry: Inquiry, to: Status, version: int, by: Actor) -> Inquiry:
    """Change the inquiry's state. Raises NotPossible where MOVES does not allow it."""
    with _changing(inquiry, version, by) as row:
        if to not in MOVES[Status(row.status)]:
            raise NotPossible(f"{row.status} to {to}")
        row.status = to
    return row


def mark_as_spam(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    with _changing(inquiry, version, by) as row:
        row.screening, row.screening_reason = Screening.SPAM, ScreeningReason.STAFF
    return row


def release(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    """Move an inquiry from "check by hand" or spam into the inbox."""
    with _changing(inquiry, version, by) as row:
        row.screening, row.screening_reason = Screening.PASSED, ""
    return row


def note(*, inquiry: Inquiry, words: str, by: Actor, once: UUID | None = None) -> Note:
    """Write down a note. `once` names this one, so that a double click writes it once."""
    return _entered(inquiry.notes, once, words=words, created_by=by.user)


def log_call(
    *,
    inquiry: Inquiry,
    outcome: Outcome,
    by: Actor,
    words: str = "",
    now: datetime | None = None,
    once: UUID | None = None,
) -> Call:
    """
    Write down a call. One that reached somebody, or left a voicemail, keeps the promise to answer.

    `once` names this call, so that a double click writes it once. Compares no version: the call was made, whatever
    a colleague changed meanwhile.
    """
    now = now or timezone.now()
    with _changing(inquiry, None, by) as row:
        if row.status == Status.NEW:
            row.status = Status.OPEN
        if outcome in Outcome.answering() and row.answered_at is None:
            row.answered_at = now
        return _entered(row.calls, once, outcome=outcome, words=words, created_by=by.user, created_at=now)


def _entered(entries: Any, once: UUID | None, **said: Any) -> Any:
    """The entry that was written under `once` with these very words, or a new one: no other word is lost."""
    same = {name: value for name, value in said.items() if name != "created_at"}
    if once and (first := entries.filter(once=once, **same).first()):
        return first
    taken = once and entries.model.objects.filter(once=once).exists()
    return entries.get_or_create(once=uuid4() if taken or not once else once, defaults=said)[0]


@contextmanager
def _changing(inquiry: Inquiry, version: int | None, by: Actor) -> Iterator[Inquiry]:
    """
    The inquiry's row, locked, to be changed by the block and saved with its history.

    Raises ChangedMeanwhile unless the row still has the `version` that the decision was made on, if there is one.
    """
    with transaction.atomic(), pghistory.context(**by.metadata):
        row = Inquiry.objects.select_for_update(no_key=True).get(pk=inquiry.pk)
        if version is not None and row.version != version:
            raise ChangedMeanwhile
        yield row
        row.version += 1
        row.save(update_fields=["status", "screening", "screening_reason", "assigned_to", "answered_at", "version"])
