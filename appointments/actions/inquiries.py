"""How an inquiry comes in and moves from state to state and from list to list."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pghistory
from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import UniqueViolation

from appointments import phones
from appointments.actors import Actor
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.folding import endings, fold
from appointments.models import Closure, Inquiry, MailKind, Screening, ScreeningReason, Status
from appointments.models.inquiry import new_reference
from appointments.notifications.notify import notify, notify_staff_of_waiting, remind_by_phone
from clinic import hours
from clinic.models import Clinic

# The moves that staff make by hand. What is new is opened by taking it or by calling.
MOVES = {
    Status.NEW: (Status.WAITING_FOR_PATIENT, Status.CLOSED),
    Status.OPEN: (Status.WAITING_FOR_PATIENT, Status.CLOSED),
    Status.WAITING_FOR_PATIENT: (Status.OPEN, Status.CLOSED),
    Status.CLOSED: (Status.OPEN,),
}


# What actions change on an inquiry.
CHANGEABLE = (
    "status", "screening", "screening_reason", "assigned_to", "answer_by", "answered_at", "on_hold", "no_reminders",
    "wants_earlier_at",
)  # fmt: skip


def submit(*, inquiry: Inquiry, by: Actor, now: datetime | None = None) -> tuple[Inquiry, bool]:
    """
    Store what a visitor sent, once: return the stored inquiry, and whether it is new.

    Whoever sends the same `submission_id` again, or at the same moment, gets the first one.
    """
    now = now or timezone.now()
    inquiry.created_at = inquiry.moved_at = now
    inquiry.answer_by = promise(now)
    inquiry.phone_e164 = phones.e164(inquiry.phone)
    inquiry.search_words = search_words(inquiry)
    while True:
        try:
            with transaction.atomic(), pghistory.context(**by.metadata):
                inquiry.save(force_insert=True)
                notify(MailKind.RECEIVED, inquiry)
                notify_staff_of_waiting(now)
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
        closures=[closure.period for closure in Closure.objects.of_the_clinic().after(now)],
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
    with changing(inquiry, version, by) as row:
        if row.status == Status.CLOSED:
            raise NotPossible("take a closed inquiry")
        row.assigned_to = by.user
        if row.status == Status.NEW:
            row.status = Status.OPEN
    return row


def move(*, inquiry: Inquiry, to: Status, version: int, by: Actor) -> Inquiry:
    """Change the inquiry's state. Raises NotPossible where MOVES does not allow it."""
    with changing(inquiry, version, by) as row:
        if to not in MOVES[Status(row.status)]:
            raise NotPossible(f"{row.status} to {to}")
        row.status = to
    return row


def mark_as_spam(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    with changing(inquiry, version, by) as row:
        row.screening, row.screening_reason = Screening.SPAM, ScreeningReason.STAFF
    return row


def release(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    """Move an inquiry from "check by hand" or spam into the inbox; its writer hears of it like anybody else."""
    with changing(inquiry, version, by) as row:
        row.screening, row.screening_reason = Screening.PASSED, ""
        notify(MailKind.RECEIVED, row)
    return row


def hold(*, inquiry: Inquiry, on: bool, version: int, by: Actor) -> Inquiry:
    """Keep the inquiry from being erased by itself, or no longer."""
    with changing(inquiry, version, by) as row:
        row.on_hold = on
    return row


def stop_reminders(*, inquiry: Inquiry) -> Inquiry:
    """The writer wants no reminders by mail: they come by phone from now on."""
    with changing(inquiry, None, Actor.visitor()) as row:
        row.no_reminders = True
        remind_by_phone(row)
    return row


def close_as_silent(*, inquiry: Inquiry, by: Actor) -> None:
    """Close what has waited for the patient for too long; writing reopens it. Nothing, if it moved meanwhile."""
    with changing(inquiry, None, by) as row:
        if row.status == Status.WAITING_FOR_PATIENT and row.moved_at == inquiry.moved_at:
            row.status = Status.CLOSED


def reopen(row: Inquiry, now: datetime) -> None:
    """The next step of an inquiry that is being changed is the front desk's, by a new promise unless one is running."""
    if not row.is_promised:
        row.answered_at, row.answer_by = None, promise(now)
    if row.status != Status.NEW:
        row.status = Status.OPEN
    if row.screening == Screening.SPAM:
        row.screening = Screening.BY_HAND  # Spam does not come back: somebody should look.
    notify_staff_of_waiting(now)


@contextmanager
def changing(inquiry: Inquiry, version: int | None, by: Actor) -> Iterator[Inquiry]:
    """
    The inquiry's row, locked, to be changed by the block and saved with its history.

    Raises ChangedMeanwhile unless the row still has the `version` that the decision was made on, if there is one.
    """
    with transaction.atomic(), pghistory.context(**by.metadata):
        row = Inquiry.objects.select_for_update(no_key=True).get(pk=inquiry.pk)
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
