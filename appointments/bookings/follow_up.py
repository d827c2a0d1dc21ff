"""What a time that is given, offered or taken back makes of its inquiry, whose row is locked and being changed."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import timezone

from appointments.actors import Actor
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.inquiries.answers import answer
from appointments.inquiries.changing import changing
from appointments.inquiries.lifecycle import reopen
from appointments.models import (
    Appointment,
    AppointmentStatus,
    CallTask,
    Email,
    Inquiry,
    InquiryScreening,
    InquiryStatus,
    NotificationKind,
    ScreeningReason,
)
from appointments.notifications.notify import cancel_notifications, notify, was_notified_of_offer
from appointments.notifications.outdated import ABOUT_A_TIME_TO_COME

# A time that is held is confirmed so long before it begins, whatever was promised; sooner, if there is less time left.
CONFIRMED_BEFORE = timedelta(hours=1)


def is_read(inquiry: Inquiry, by: Actor) -> bool:
    """Whether the inquiry may leave the inbox: it was answered, `by` has read it, or its people wrote nothing."""
    if inquiry.answered_at or by.has_read == inquiry.version:
        return True
    says_nothing = not (inquiry.message or inquiry.reach_note)
    if not says_nothing or inquiry.has_written_more is False:
        return says_nothing
    return not inquiry.messages.filter(from_patient=True).exists()


def after_booking(
    inquiry: Inquiry, given: Appointment, by: Actor, now: datetime, told_by: Email | CallTask | None = None
) -> None:
    """
    A time is theirs, as `told_by` tells them.

    It waits to be confirmed, or the inquiry is done, unless there is something to read in it.
    """
    let_in(inquiry, by)
    withdraw_proposals(inquiry, by)
    if given.status == AppointmentStatus.PENDING:
        reopen(inquiry, now)
        before = min(CONFIRMED_BEFORE, (given.starts_at - now) / 2)
        inquiry.answer_by = min(inquiry.answer_by, given.starts_at - before)
    elif is_read(inquiry, by):
        answer(inquiry, told_by, then=InquiryStatus.CLOSED, by=by, now=now)


def let_in(inquiry: Inquiry, by: Actor) -> None:
    """A member of staff who gives or offers a time has looked at the inquiry: it need not be checked by hand."""
    if by.user is not None:
        inquiry.screening, inquiry.screening_reason = InquiryScreening.PASSED, ""


def withdraw_proposals(inquiry: Inquiry, by: Actor) -> None:
    """
    The times that somebody did not choose are free again.

    Expired proposals are free already: somebody who books may clear them away, and wait for this inquiry. Raises
    ChangedMeanwhile where one is open that `by` has not seen: it was offered since they looked.
    """
    if inquiry.has_had_times is False:
        return
    now = timezone.now()
    proposed = inquiry.appointments.proposed(now)
    if by.has_seen is not None and any(pk not in by.has_seen for pk in proposed.values_list("pk", flat=True)):
        raise ChangedMeanwhile
    proposed.end_early(now)
    cancel_proposal_notices(inquiry)


def cancel_proposal_notices(inquiry: Inquiry) -> None:
    """Nobody has to be told of times to choose from that there are no longer, or that there are none now."""
    about = inquiry.appointments.values_list("pk", flat=True)
    cancel_notifications(about, NotificationKind.OFFERED, NotificationKind.WITHDRAWN)


def notify_of_withdrawal(inquiry: Inquiry, ended: Iterable[Appointment], by: Actor) -> None:
    """Tell a patient who knew of offered times that the clinic has taken these back, once for all of them."""
    known = [each for each in ended if each.status == AppointmentStatus.PROPOSED and was_notified_of_offer(each)]
    if known:
        notify(NotificationKind.WITHDRAWN, inquiry, key=known[0].version_key, appointment=known[0], by=by)


def after_proposals_ended(inquiry: Inquiry, now: datetime) -> None:
    """Nothing is offered or held to be checked any longer: a booked time stays theirs, or the desk looks for one."""
    if inquiry.status not in (InquiryStatus.WAITING_FOR_PATIENT, InquiryStatus.OPEN):
        return
    live = inquiry.appointments.live().first()
    if not live or live.status == AppointmentStatus.PENDING:
        reopen(inquiry, now)
    elif inquiry.status == InquiryStatus.WAITING_FOR_PATIENT:
        inquiry.status = InquiryStatus.CLOSED


def mark_as_spam(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    """Move an inquiry to the list of spam. Its times to come and its offers are free at once, and nobody is told."""
    with changing(inquiry, version, by) as row:
        _to_spam(row, by)
    return row


def mark_sender_as_spam(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    """The same for this inquiry and all others that came with its phone number or its email."""
    with changing(inquiry, version, by) as row:
        _to_spam(row, by)
        # What is offered to the others nobody has looked at, and it goes as well. They come in the order of their ids:
        # two who mark the same sender do not wait for each other for ever.
        for other in Inquiry.objects.of_sender(row).exclude(screening=InquiryScreening.SPAM).order_by("pk"):
            with suppress(NotPossible), changing(other, None, by) as its_row:  # Erased a moment ago.
                _to_spam(its_row, replace(by, has_seen=None))
    return row


def _to_spam(row: Inquiry, by: Actor) -> None:
    now = timezone.now()
    row.screening, row.screening_reason = InquiryScreening.SPAM, ScreeningReason.STAFF
    row.waiting_list_since = None
    row.appointments.free_held_to_check(now)
    withdraw_proposals(row, by)
    to_come = row.appointments.live().filter(starts_at__gt=now)
    about = (*ABOUT_A_TIME_TO_COME, NotificationKind.DISPLACED)
    cancel_notifications(list(to_come.values_list("pk", flat=True)), *about)
    to_come.cancel()
