"""How an inquiry comes in and moves from state to state and from list to list."""

from contextlib import suppress
from datetime import datetime, timedelta

import pghistory
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from appointments.actors import VISITOR, Actor
from appointments.errors import NotPossible
from appointments.inquiries import promises, search
from appointments.inquiries.changing import changing
from appointments.models import CallTask, Inquiry, InquiryScreening, InquiryStatus, NotificationKind
from appointments.models.inquiry import new_reference
from appointments.models.inserting import insert
from appointments.notifications.notify import RECEIVED_AFTER, confirm, notify, notify_staff_of_waiting, remind_by_phone
from clinic import phones
from clinic.busy import Busy, busy_after_waiting

# The changes of state that staff make by hand. What is new is opened by taking it or by calling.
TRANSITIONS = {
    InquiryStatus.NEW: (InquiryStatus.WAITING_FOR_PATIENT, InquiryStatus.CLOSED),
    InquiryStatus.OPEN: (InquiryStatus.WAITING_FOR_PATIENT, InquiryStatus.CLOSED),
    InquiryStatus.WAITING_FOR_PATIENT: (InquiryStatus.OPEN, InquiryStatus.CLOSED),
    InquiryStatus.CLOSED: (InquiryStatus.OPEN,),
}


# What has waited for the patient for so long is closed; writing reopens it.
CLOSE_AFTER = timedelta(days=14)
# What nobody has checked by hand for so long ends by itself: it may be anything, and waits for nobody to read it.
UNCHECKED_ENDS_AFTER = timedelta(days=90)
# How many references are drawn before a clash is no chance any longer: there are 600 billion.
DRAWS = 5


def submit(*, inquiry: Inquiry, by: Actor, now: datetime | None = None) -> tuple[Inquiry, bool]:
    """
    Store what a visitor sent, once: return the stored inquiry, and whether it is new.

    Sending the same `submission_id` again, or at the same moment, returns the first inquiry. Raises Busy where the
    database lets nobody store anything in time.
    """
    now = now or timezone.now()
    inquiry.created_at = inquiry.moved_at = now
    inquiry.answer_by = promises.promised_to_visitors(now)
    inquiry.phone_e164 = phones.e164(inquiry.phone)
    search.make_findable(inquiry)
    for _ in range(DRAWS):
        with busy_after_waiting(), transaction.atomic():
            # Of these rows the inquiry alone has a history: the mails' statements need not say who is at work.
            with pghistory.context(**by.metadata):
                # A second tap on "Send" is no error: Postgres' log would get one, with what the patient typed.
                is_new = insert(inquiry, unless_there=True)
            if is_new:
                confirm(NotificationKind.RECEIVED, inquiry, now, due_at=now + RECEIVED_AFTER)
                notify_staff_of_waiting(now)
                return inquiry, True
        if first := Inquiry.objects.filter(submission_id=inquiry.submission_id).first():
            return first, False
        inquiry.reference = new_reference()
    raise IntegrityError(f"the key, or {DRAWS} references, were taken")


def take(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    """Put the inquiry into the hands of `by`; what was new is open then. Raises NotPossible for a closed one."""
    with changing(inquiry, version, by) as row:
        if row.status == InquiryStatus.CLOSED:
            raise NotPossible("take a closed inquiry")
        row.assigned_to = by.user
        if row.status == InquiryStatus.NEW:
            row.status = InquiryStatus.OPEN
    return row


def transition(*, inquiry: Inquiry, to: InquiryStatus, version: int, by: Actor) -> Inquiry:
    """
    Change the inquiry's state; closing it frees a time that was only held until somebody looks at the request.

    What is opened again is promised anew, as if it were asked now: the promise before was kept, or is long past.

    Raises NotPossible where TRANSITIONS does not allow it.
    """
    with changing(inquiry, version, by) as row:
        if to not in TRANSITIONS[InquiryStatus(row.status)]:
            raise NotPossible(f"{row.status} to {to}")
        move_by_hand(row, to)
    return row


def move_by_hand(row: Inquiry, to: InquiryStatus) -> None:
    """What a decision of staff to change the state makes of an inquiry that is being changed."""
    row.status = to
    if to == InquiryStatus.OPEN:
        _promise_anew(row, timezone.now())
    # Who decides so has heard of the call that is still to be made: it does not bring the inquiry back.
    row.call_tasks.filter(keeps_promise=True).update(keeps_promise=False)
    if to == InquiryStatus.CLOSED:
        row.appointments.free_held_to_check(timezone.now())


def release(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    """Move an inquiry from "check by hand" or spam into the inbox; its writer hears of it like anybody else."""
    with changing(inquiry, version, by) as row:
        row.screening, row.screening_reason = InquiryScreening.PASSED, ""
        notify(NotificationKind.RECEIVED, row)
    return row


def legal_hold(*, inquiry: Inquiry, on: bool, version: int, by: Actor) -> Inquiry:
    """Keep the inquiry from being erased by itself, or no longer."""
    with changing(inquiry, version, by) as row:
        row.legal_hold = on
    return row


def stop_reminders(*, inquiry: Inquiry, by: Actor = VISITOR) -> Inquiry:
    """The writer wants no reminders by mail: they come by phone from now on."""
    with changing(inquiry, None, by) as row:
        row.no_reminders = True
        remind_by_phone(row)
    return row


def auto_close(*, inquiry: Inquiry, by: Actor) -> None:
    """Close what has waited for too long, and free what was held for it. Nothing, if it moved meanwhile."""
    with changing(inquiry, None, by) as row:
        waits = row.status == InquiryStatus.WAITING_FOR_PATIENT or row.screening == InquiryScreening.BY_HAND
        if waits and row.moved_at == inquiry.moved_at:
            row.status = InquiryStatus.CLOSED
            row.appointments.free_held_to_check(timezone.now())


def auto_close_due() -> None:
    """Close what has waited for the patient for two weeks, and what nobody has checked by hand for ninety days."""
    now = timezone.now()
    waiting = Inquiry.objects.filter(status=InquiryStatus.WAITING_FOR_PATIENT, moved_at__lt=now - CLOSE_AFTER)
    silent = waiting.exclude(Exists(CallTask.objects.open().filter(inquiry=OuterRef("pk"))))  # Who has not heard.
    unchecked = Inquiry.objects.to_check_by_hand().filter(moved_at__lt=now - UNCHECKED_ENDS_AFTER)
    for inquiry in [*silent, *unchecked]:
        with suppress(NotPossible, Busy):  # Erased a moment ago, or in somebody's hands.
            auto_close(inquiry=inquiry, by=Actor.system())


def reopen(row: Inquiry, now: datetime) -> None:
    """The next step of an inquiry that is being changed is the front desk's, by a new promise unless one is running."""
    if not row.is_promised:
        _promise_anew(row, now)
    if row.status != InquiryStatus.NEW:
        row.status = InquiryStatus.OPEN
    if row.screening == InquiryScreening.SPAM:
        row.screening = InquiryScreening.BY_HAND  # Spam does not come back: somebody should look.
    notify_staff_of_waiting(now)


def _promise_anew(row: Inquiry, now: datetime) -> None:
    row.answered_at, row.answer_by = None, promises.next_answer_by(now)
