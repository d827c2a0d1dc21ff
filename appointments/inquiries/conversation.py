"""What clinic and patient say to each other, and what staff write down about it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import F
from django.utils import timezone

from appointments.actors import VISITOR, Actor
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.inquiries.answers import answer, heard_by_phone
from appointments.inquiries.changing import changing
from appointments.inquiries.lifecycle import reopen
from appointments.models import (
    Call,
    CallTask,
    Inquiry,
    InquiryScreening,
    InquiryStatus,
    Message,
    Note,
    NotificationKind,
)
from appointments.models.log import Outcome
from appointments.notifications.calls import complete_call_backs, complete_due
from appointments.notifications.notify import complete_calls, confirm, notify, plan_call_back


def reply(*, inquiry: Inquiry, words: str, version: int, by: Actor, idempotency_key: UUID | None = None) -> Message:
    """
    Answer the writer: the words stand on the inquiry's own page, and a mail or a call says so.

    Keeps the promise once they have heard it; what was ours waits for the patient then. An answer to somebody from
    "check by hand" takes the inquiry into the inbox. Raises ChangedMeanwhile like any decision.
    """
    with changing(inquiry, None, by) as row:
        if idempotency_key and (
            first := row.messages.filter(idempotency_key=idempotency_key, words=words, from_patient=False).first()
        ):
            return first  # A double click, whose first half has changed the version.
        if row.version != version:
            raise ChangedMeanwhile
        message = _entered(row.messages, idempotency_key, words=words, from_patient=False, created_by=by.user)
        row.assigned_to = row.assigned_to or by.user
        row.screening, row.screening_reason = InquiryScreening.PASSED, ""
        told_by = notify(NotificationKind.ANSWERED, row, key=str(message.pk), message=message, by=by)
        answer(row, told_by, then=InquiryStatus.WAITING_FOR_PATIENT, by=by, now=timezone.now())
    return message


def write_back(*, inquiry: Inquiry, words: str, idempotency_key: UUID | None = None, by: Actor = VISITOR) -> Message:
    """The patient writes again: the inquiry is back in the inbox, with a new promise. `idempotency_key` as in reply."""
    now = timezone.now()
    with changing(inquiry, None, by) as row:
        if idempotency_key and (
            first := row.messages.filter(idempotency_key=idempotency_key, words=words, from_patient=True).first()
        ):
            return first
        message = _entered(row.messages, idempotency_key, words=words, from_patient=True, created_at=now)
        reopen(row, now)
    return message


def send_link_again(inquiry: Inquiry, now: datetime) -> None:
    """Mail the link to the address on file, at most once an hour: the same message was sent again later."""
    confirm(NotificationKind.LINK_AGAIN, inquiry, now, key=f"{now:%Y%m%d%H}")


def note(*, inquiry: Inquiry, words: str, by: Actor, idempotency_key: UUID | None = None) -> Note:
    """Write down a note. `idempotency_key` names this one, so that a double click writes it once."""
    with changing(inquiry, None, by) as row:
        return _entered(row.notes, idempotency_key, words=words, created_by=by.user)


def log_call(
    *,
    inquiry: Inquiry,
    outcome: Outcome,
    by: Actor,
    words: str = "",
    call_back_at: datetime | None = None,
    now: datetime | None = None,
    idempotency_key: UUID | None = None,
) -> Call:
    """
    Write down a call. One that reached somebody, or left a voicemail, keeps the promise to answer.

    One in vain is told by mail, once a day; a wrong number is not used again; a call back becomes a call task. One that
    reached somebody answers all calls that are due, and every call back that was promised; a new call back takes the
    place of those.
    `idempotency_key` names this call: a double click writes it once. Compares no version: the call was made, whatever
    a colleague changed meanwhile.
    """
    now = now or timezone.now()
    with changing(inquiry, None, by) as row:
        if row.status == InquiryStatus.NEW:
            row.status = InquiryStatus.OPEN
        if outcome in Outcome.answering() and row.answered_at is None:
            row.answered_at = now
        said = {"outcome": outcome, "words": words, "call_back_at": call_back_at}
        call = _entered(row.calls, idempotency_key, **said, created_by=by.user, created_at=now)
        planned = plan_call_back(row, call_back_at) if call_back_at and row.may_be_told else None
        if outcome == Outcome.WRONG_NUMBER and len(row.dialed) == 1:
            # Of two numbers nobody said which one it was.
            setattr(row, f"{row.dialed[0]}_is_wrong", True)
        if planned or outcome == Outcome.REACHED:
            complete_call_backs(row, by.user, besides=planned)
        if outcome == Outcome.REACHED:
            # First its appointments: a change of hours takes hold of them before the calls about them.
            row.appointments.displaced(now).update(reached_at=now, version=F("version") + 1)
            complete_due(row, by.user)
            heard_by_phone(row, now)
        if outcome in Outcome.in_vain():
            notify(NotificationKind.TRIED, row, key=f"{now:%Y%m%d}", by=by)
        return call


def told_otherwise(*, call: CallTask, words: str, by: Actor, idempotency_key: UUID | None = None) -> None:
    """
    Note what was done in place of a call: a letter, or something by hand. It ends the call and keeps its promise.

    Raises NotPossible where the call is no longer to be made.
    """
    now = timezone.now()
    with changing(call.inquiry, None, by) as row:
        waiting = row.call_tasks.open().filter(pk=call.pk)
        if idempotency_key and row.notes.filter(idempotency_key=idempotency_key, words=words).exists():
            return  # A double click, whose first half has ended the call.
        if not waiting.exists():
            raise NotPossible("no call to be made any longer")
        _entered(row.notes, idempotency_key, words=words, created_by=by.user)
        if call.kind == NotificationKind.DISPLACED and call.appointment_id:
            its = row.appointments.displaced(now).filter(pk=call.appointment_id)
            its.update(reached_at=now, version=F("version") + 1)
        complete_calls(waiting, by.user)
        heard_by_phone(row, now)


def _entered(entries: Any, idempotency_key: UUID | None, **said: Any) -> Any:
    """The entry that was written under `idempotency_key` with these very words, or a new one: no other word is lost."""
    same = {name: value for name, value in said.items() if name != "created_at"}
    if idempotency_key and (first := entries.filter(idempotency_key=idempotency_key, **same).first()):
        return first
    taken = idempotency_key and entries.model.objects.filter(idempotency_key=idempotency_key).exists()
    return entries.get_or_create(
        idempotency_key=uuid4() if taken or not idempotency_key else idempotency_key, defaults=said
    )[0]
