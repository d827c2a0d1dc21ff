"""What one press did to the calls of an inquiry and to what is written down about it, and how that is taken back."""

from typing import Any
from uuid import uuid4

from django.utils import timezone

from appointments.models import (
    Call,
    CallState,
    CallTask,
    DoctorQuestion,
    Email,
    Inquiry,
    MailState,
    Note,
    NotificationKind,
)

# Of calls and mails the state and whether they keep the promise, by their ids; the ids of what is written down.
type Told = dict[str, Any]
# What differs between two of these: what can be taken back, by ids, as a session keeps it.
type Deeds = dict[str, list[Any]]

# What a press tells by itself, or lets somebody tell; all else that is told follows from a time.
TOLD_BY_A_PRESS = (NotificationKind.CALL_BACK, NotificationKind.TRIED, NotificationKind.DISPLACED)


def told(inquiry: Inquiry) -> Told:
    """How the calls and mails of an inquiry stand, and what was written down or asked; five statements."""
    return {
        "calls": set(Call.objects.standing().filter(inquiry=inquiry).values_list("pk", flat=True)),
        "notes": set(Note.objects.standing().filter(inquiry=inquiry).values_list("pk", flat=True)),
        "asked": set(DoctorQuestion.objects.open().filter(inquiry=inquiry).values_list("pk", flat=True)),
        "tasks": {pk: (state, keeps) for pk, state, keeps in _rows(CallTask, inquiry)},
        "mails": {pk: (state, keeps) for pk, state, keeps in _rows(Email, inquiry)},
    }


def _rows(model: type[CallTask] | type[Email], inquiry: Inquiry) -> Any:
    return model._default_manager.filter(inquiry=inquiry).values_list("pk", "state", "keeps_promise")


def deeds(before: Told, after: Told) -> Deeds:
    """
    What a press did between two moments; empty where it wrote nothing down and settled nothing.

    What is told of a time is no deed of this kind: it follows from the time (bookings.undoing).
    """
    tasks, mails = before["tasks"], before["mails"]
    now_done = {pk for pk, (state, _keeps) in after["tasks"].items() if state == CallState.DONE}
    by_phone = {pk for pk, (state, _keeps) in after["mails"].items() if state == MailState.BY_PHONE}
    was_open = [pk for pk in sorted(now_done & tasks.keys()) if tasks[pk][0] == CallState.WAITING]
    was_in_trouble = [pk for pk in sorted(by_phone & mails.keys()) if mails[pk][0] != MailState.BY_PHONE]
    found: Deeds = {
        "calls": sorted(after["calls"] - before["calls"]),
        "notes": sorted(after["notes"] - before["notes"]),
        "asked": sorted(after["asked"] - before["asked"]),
        "ended": [[pk, tasks[pk][1]] for pk in was_open],
        "by_phone": [[pk, mails[pk][0]] for pk in was_in_trouble],
        "to_call": _of_these(CallTask, newly_waiting(tasks, after["tasks"])),
        "to_mail": _of_these(Email, newly_waiting(mails, after["mails"])),
    }
    return {name: ids for name, ids in found.items() if ids}


def all_of(inquiry: Inquiry) -> Deeds:
    """All that was written down and is to be told, as one press did it that entered the inquiry."""
    return deeds({"calls": set(), "notes": set(), "asked": set(), "tasks": {}, "mails": {}}, told(inquiry))


def newly_waiting(before: dict[int, Any], after: dict[int, Any]) -> list[int]:
    """Those that were written, or had been canceled, and wait now."""
    waiting = [pk for pk, (state, _keeps) in after.items() if state == CallState.WAITING]  # Of mails, too.
    return [pk for pk in waiting if pk not in before or before[pk][0] == CallState.CANCELLED]


def _of_these(model: type[CallTask] | type[Email], ids: list[int]) -> list[int]:
    if not ids:
        return []
    rows = model._default_manager.filter(pk__in=ids, kind__in=TOLD_BY_A_PRESS)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def take_back(inquiry: Inquiry, done: Deeds) -> None:
    """
    Take back what a press did to the calls of an inquiry that is being changed: its calls are to be made again.

    What was written down is kept, and counts no longer. A mail that is out stays out.
    """
    now = timezone.now()
    for model, name in ((Call, "calls"), (Note, "notes")):
        for entry in model._default_manager.filter(inquiry=inquiry, pk__in=done.get(name, ()), taken_back_at=None):
            # Under another key: the page that is still open may write the same down once more.
            entry.taken_back_at, entry.idempotency_key = now, uuid4()
            entry.save(update_fields=["taken_back_at", "idempotency_key"])
    inquiry.doctor_questions.open().filter(pk__in=done.get("asked", ())).update(taken_back_at=now)
    tasks, mails = inquiry.call_tasks, inquiry.emails
    for pk, keeps_promise in done.get("ended", ()):
        again = {"state": CallState.WAITING, "done_at": None, "done_by": None, "keeps_promise": keeps_promise}
        tasks.filter(pk=pk, state=CallState.DONE).update(**again)
    for pk, state in done.get("by_phone", ()):
        mails.filter(pk=pk, state=MailState.BY_PHONE).update(state=state)
    tasks.filter(pk__in=done.get("to_call", ())).end(CallState.CANCELLED)
    mails.filter(pk__in=done.get("to_mail", ()), state=MailState.WAITING).update(state=MailState.CANCELLED)
