"""
An answer keeps the promise once somebody has heard it: by a mail that went out, or by a call that was made.

What goes out as a mail leaves the inbox at once. Who must be called stays in it until somebody has called.
"""

from contextlib import suppress
from datetime import datetime

from django.utils import timezone

from appointments.actors import Actor
from appointments.errors import NotPossible
from appointments.inquiries.changing import changing
from appointments.inquiries.lifecycle import reopen
from appointments.models import (
    AppointmentStatus,
    CallState,
    CallTask,
    Email,
    Inquiry,
    InquiryStatus,
    MailState,
    NotificationKind,
)
from clinic.busy import Busy


def answer(
    inquiry: Inquiry, told_by: Email | CallTask | None, *, then: InquiryStatus, by: Actor, now: datetime
) -> None:
    """
    Make of an inquiry that is being changed what an answer makes of it: its next step is `then` its people's, or none.

    `told_by` is what tells them. Who did it on the site themselves has heard it there, and who is told nothing knows;
    of what the site did by itself they hear by that mail or call.
    """
    if told_by is None or (by.user is None and not by.is_site):
        inquiry.answered_at = inquiry.answered_at or now
        inquiry.status = then
        return
    type(told_by).objects.filter(pk=told_by.pk).update(keeps_promise=True)
    inquiry.status = InquiryStatus.OPEN if isinstance(told_by, CallTask) else then


def heard_by_phone(inquiry: Inquiry, now: datetime) -> None:
    """Calls about an inquiry that is being changed were made: what they answered is heard."""
    made = inquiry.call_tasks.filter(keeps_promise=True, state=CallState.DONE)
    for call in made.order_by("created_at"):
        inquiry.answered_at = inquiry.answered_at or now
        if _is_the_last_word(inquiry, call):
            inquiry.status = _then(call)
    made.update(keeps_promise=False)


def keep_what_was_heard() -> None:
    """
    Keep the promises whose answers were heard; let those run anew whose mail has told nobody, and became a call.

    A mail that is being sent must not wait for its inquiry, or it would go out again: so this comes after it.
    """
    now = timezone.now()
    for mail in Email.objects.filter(keeps_promise=True).exclude(state=MailState.WAITING).select_related("inquiry"):
        with suppress(NotPossible, Busy), changing(_of(mail), None, Actor.system()) as row:
            if Email.objects.told().filter(pk=mail.pk).exists() and _is_the_last_word(row, mail):
                row.answered_at = row.answered_at or mail.sent_at or now
                row.status = _then(mail)
            if _is_taken_back(row, mail):
                row.status = InquiryStatus.OPEN
            Email.objects.filter(pk=mail.pk).update(keeps_promise=False)
    calls = CallTask.objects.filter(keeps_promise=True).select_related("inquiry")
    for call in calls.filter(state=CallState.DONE):
        with suppress(NotPossible, Busy), changing(_of(call), None, Actor.system()) as row:
            heard_by_phone(row, now)
    for call in calls.filter(state=CallState.WAITING).exclude(inquiry__status__in=InquiryStatus.ours()):
        with suppress(NotPossible, Busy), changing(_of(call), None, Actor.system()) as row:
            row.answered_at = None
            reopen(row, now)


def _of(told_by: Email | CallTask) -> Inquiry:
    if told_by.inquiry is None:
        raise ValueError(f"{told_by} answers nobody")
    return told_by.inquiry


def _is_the_last_word(inquiry: Inquiry, told_by: Email | CallTask) -> bool:
    """Whether nothing has come since that is still ours to do."""
    was_to_be_called = CallTask.objects.filter(dedupe_key=told_by.dedupe_key).exists()
    if not was_to_be_called:
        return inquiry.status == _then(told_by)
    written_since = inquiry.messages.filter(from_patient=True, created_at__gt=told_by.created_at)
    to_confirm = inquiry.appointments.to_confirm()
    return inquiry.status == InquiryStatus.OPEN and not written_since.exists() and not to_confirm.exists()


def _is_taken_back(inquiry: Inquiry, mail: Email) -> bool:
    """Whether this answer was canceled before it went out, and nothing has told its people anything in its place."""
    if mail.state != MailState.CANCELLED or Email.objects.told().filter(pk=mail.pk).exists():
        return False
    if inquiry.answered_at or inquiry.status != _then(mail):
        return False
    is_still_to_come = inquiry.emails.told_or_waiting().filter(keeps_promise=True).exclude(pk=mail.pk).exists()
    has_come = mail.appointment is not None and mail.appointment.status in (
        AppointmentStatus.ARRIVED,
        AppointmentStatus.FULFILLED,
    )
    return not (is_still_to_come or has_come or inquiry.call_tasks.open().filter(keeps_promise=True).exists())


def _then(told_by: Email | CallTask) -> InquiryStatus:
    asks = told_by.kind in (NotificationKind.ANSWERED, NotificationKind.OFFERED)
    return InquiryStatus.WAITING_FOR_PATIENT if asks else InquiryStatus.CLOSED
