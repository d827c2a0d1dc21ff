"""
Telling people something, once: by a mail where they can be mailed, by a call task where they can't.

Rows only, in the caller's transaction: what is rolled back tells nobody. A worker sends (outbox.py).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, QuerySet
from django.utils import timezone

from appointments import limits
from appointments.actors import Actor
from appointments.models import (
    Appointment,
    CallState,
    CallTask,
    Counter,
    Email,
    Inquiry,
    InquiryScreening,
    MailState,
    Message,
    NotificationKind,
)
from appointments.models.counter import name_of
from appointments.notifications.queue import wake_outbox
from clinic.mailboxes import mailbox
from clinic.models import Clinic

# The promise itself, or the page that is open before the writer, says these: nobody is called for them.
NEVER_CALLED = (NotificationKind.RECEIVED, NotificationKind.LINK_AGAIN, NotificationKind.TRIED)
# Whatever waits is told in one mail for so long.
BUNDLE = timedelta(minutes=10)
# The ten minutes whose mail this process has stored, or found there.
_stored_bundle = 0
# The manager hears at most so often that promises are overdue.
OVERDUE_EVERY = timedelta(hours=1)
# "We have your message" goes out so long after it is stored: a time that is given meanwhile makes it outdated, and its
# writer gets one mail instead of two that contradict each other. The minute's job wakes the outbox then.
RECEIVED_AFTER = timedelta(seconds=60)
# What staff cause is mailed so long after it: what they take back within it, nobody hears of.
TAKEN_BACK_WITHIN = timedelta(minutes=2)
# Nobody counts on a mail being read so shortly before a visit: what staff or a closure make of it is told by phone.
CALLED_WITHIN = timedelta(hours=3)


def notify(
    kind: NotificationKind,
    inquiry: Inquiry,
    *,
    key: str = "",
    message: Message | None = None,
    appointment: Appointment | None = None,
    due_at: datetime | None = None,
    by: Actor | None = None,
    by_phone: bool = False,
) -> Email | CallTask | None:
    """
    Tell the writer, at `due_at` or now: return the mail or the call task, the first one when it was told before.

    What staff cause, as `by` says, is mailed a moment later. `by_phone`: they are called, whatever can be mailed; so it
    is where `by` speaks with them, who then logs that call, and ends this one by it.
    `key` sets apart what may be told several times about one inquiry. What was cancelled before it went out was told
    to nobody: its row is used again. None where neither a mail nor a call is right.
    """
    if not inquiry.may_be_told:
        return None
    about: dict[str, Any] = {
        "inquiry": inquiry,
        "message": message,
        "appointment": appointment,
        "due_at": due_at or timezone.now(),
    }
    dedupe_key = inquiry.dedupe_key(kind, key)
    by_phone = by_phone or (by is not None and by.is_speaking)
    if _can_be_mailed(kind, inquiry) and not by_phone:
        if due_at is None and by is not None and by.user is not None:
            about["due_at"] += TAKEN_BACK_WITHIN
        return _mail(dedupe_key, kind=kind, to=inquiry.email, **about)
    if kind in NEVER_CALLED:
        return None
    mailed = Email.objects.told_or_waiting().filter(dedupe_key=dedupe_key).first()
    return mailed or _call(dedupe_key, kind=kind, **about)


def is_soon(*moments: datetime) -> bool:
    """Whether a visit at one of these moments is to come, and so soon that its patient is called."""
    now = timezone.now()
    return any(now < moment < now + CALLED_WITHIN for moment in moments)


def confirm(
    kind: NotificationKind, inquiry: Inquiry, now: datetime, *, key: str = "", due_at: datetime | None = None
) -> None:
    """
    Mail a visitor that we have what they sent: only so often to one mailbox, and so many in all.

    They may have typed a stranger's address. Where none goes, the own page says so.
    """
    if not (inquiry.may_be_told and _can_be_mailed(kind, inquiry)):
        return
    dedupe_key, due_at = inquiry.dedupe_key(kind, key), due_at or timezone.now()
    if key and Email.objects.filter(dedupe_key=dedupe_key).exists():
        return  # Sent again meanwhile: nothing goes out, and nothing is counted.
    to_mailbox = name_of("mailed", mailbox(inquiry.email), now), limits.CONFIRMATIONS_A_DAY
    to_all = name_of("mailed to all", f"{now:%H}", now), limits.CONFIRMATIONS_AN_HOUR
    about = {"kind": kind, "inquiry": inquiry, "to": inquiry.email, "due_at": due_at, "next_try_at": due_at}
    room = Counter.objects.room(to_mailbox, to_all, until=now + timedelta(days=1))
    _wake_for(Email.objects.insert_once(dedupe_key=dedupe_key, room=room, **about))


def fall_back_to_call(email: Email) -> CallTask | None:
    """Make a call task of a mail that could not be told, with its due time and key. None when nobody calls about it."""
    if email.inquiry is None or email.kind in NEVER_CALLED or email.kind.startswith("staff_"):
        return None
    if not email.inquiry.may_be_told:
        return None
    about = {name: getattr(email, name) for name in ("kind", "inquiry", "message", "appointment", "due_at")}
    # A mail that came back has kept no promise.
    kept_it = email.sent_at is not None and email.sent_at == email.inquiry.answered_at
    task = _call(email.dedupe_key, keeps_promise=email.keeps_promise or kept_it, **about)
    if task.state != CallState.WAITING:  # It failed once more.
        task.state, task.done_at, task.done_by = CallState.WAITING, None, None
        task.save(update_fields=["state", "done_at", "done_by"])
    return task


def complete_calls(calls: QuerySet[CallTask], by: Any) -> None:
    """End these calls as made by `by`; the failed mails that they replaced are no longer in trouble."""
    keys = list(calls.values_list("dedupe_key", flat=True))
    CallTask.objects.filter(dedupe_key__in=keys).end(CallState.DONE, by)
    in_trouble = (MailState.FAILED, MailState.BOUNCED)
    Email.objects.filter(dedupe_key__in=keys, state__in=in_trouble).update(state=MailState.BY_PHONE)


def cancel_notifications(appointments: Iterable[int], *kinds: NotificationKind) -> None:
    """Cancel the waiting mails and calls of these kinds about these appointments (ids), which changed."""
    mails = Email.objects.filter(appointment__in=appointments, kind__in=kinds, state=MailState.WAITING)
    mails.update(state=MailState.CANCELLED)
    CallTask.objects.filter(appointment__in=appointments, kind__in=kinds).end(CallState.CANCELLED)


def cancel_all(inquiry: Inquiry) -> None:
    """Cancel all that waits to be told about this inquiry; a mail that a worker has at hand is on its way."""
    waiting = inquiry.emails.select_for_update(skip_locked=True).filter(state=MailState.WAITING)
    inquiry.emails.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(state=MailState.CANCELLED)
    inquiry.call_tasks.end(CallState.CANCELLED)


def was_notified_of_displacement(appointment: Appointment) -> bool:
    """Whether its patient knows that the time which it has lost now is gone."""
    of_this_loss = {"kind": NotificationKind.DISPLACED, "created_at__gte": appointment.displaced_at}
    mailed = appointment.emails.told().filter(**of_this_loss)
    called = appointment.call_tasks.filter(state=CallState.DONE, **of_this_loss)
    return mailed.exists() or called.exists()


def was_notified_of_offer(offer: Appointment) -> bool:
    """Whether its patient knows of this offered time, and of those that were offered with it."""
    together = Appointment.objects.filter(inquiry=offer.inquiry_id, created_at=offer.created_at)
    about = {"kind": NotificationKind.OFFERED, "appointment__in": together}
    mailed = Email.objects.told().filter(**about)
    return mailed.exists() or CallTask.objects.filter(state=CallState.DONE, **about).exists()


def complete_displacement_notice(appointment: Appointment, by: Any) -> None:
    """End the mail and the call about a displaced time: `by` has told the patient."""
    complete_calls(appointment.call_tasks.open().filter(kind=NotificationKind.DISPLACED), by)
    waiting = (MailState.WAITING, MailState.FAILED, MailState.BOUNCED)
    appointment.emails.filter(kind=NotificationKind.DISPLACED, state__in=waiting).update(state=MailState.BY_PHONE)


def remind_by_phone(inquiry: Inquiry) -> None:
    """Make calls of the waiting reminder mails of this inquiry."""
    _call_instead(inquiry.emails.select_for_update().filter(kind=NotificationKind.REMINDER))


def call_instead(inquiry: Inquiry) -> None:
    """Make calls of all mails that wait, since they may go out no longer; what a worker has at hand is on its way."""
    _call_instead(inquiry.emails.select_for_update(skip_locked=True))


def _call_instead(emails: QuerySet[Email]) -> None:
    for email in emails.filter(state=MailState.WAITING):
        email.state = MailState.CANCELLED
        email.save(update_fields=["state"])
        fall_back_to_call(email)


def call_about_their_mail(inquiry: Inquiry) -> None:
    """Write the call task to ask for the right address: our mail has reached somebody else."""
    kind = NotificationKind.NOT_THEIRS
    _call(inquiry.dedupe_key(kind, f"{inquiry.link_made_at or ''}"), kind=kind, inquiry=inquiry, due_at=timezone.now())


def forget_their_mail(inquiry: Inquiry) -> None:
    """Take calls about a wrong address off the list: the right one is known, and what waits goes there."""
    kinds = (NotificationKind.NOT_THEIRS, NotificationKind.NEW_LINK)
    inquiry.call_tasks.filter(kind__in=kinds).end(CallState.CANCELLED)
    waiting = inquiry.emails.select_for_update(skip_locked=True).filter(state=MailState.WAITING)
    inquiry.emails.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(to=inquiry.email)


def plan_call_back(inquiry: Inquiry, at: datetime) -> CallTask:
    """Write the call task of a call back that was promised for `at`."""
    kind = NotificationKind.CALL_BACK
    return _call(inquiry.dedupe_key(kind, f"{at:%Y%m%d%H%M}"), kind=kind, inquiry=inquiry, due_at=at)


def notify_staff_of_waiting(now: datetime) -> None:
    """
    Mail the front desk that something waits: one mail for ten minutes, sent at their end.

    Once it is known to be stored, the rest of these ten minutes needs no statement.
    """
    bundle = int(now.timestamp() // BUNDLE.total_seconds()) + 1
    if bundle == _stored_bundle:
        return
    due_at = datetime.fromtimestamp(bundle * BUNDLE.total_seconds(), tz=now.tzinfo)
    Email.objects.insert_once(
        dedupe_key=f"{NotificationKind.STAFF_WAITING}:{bundle}",
        kind=NotificationKind.STAFF_WAITING,
        to=Clinic.current().email,
        due_at=due_at,
        next_try_at=due_at,
    )
    # Not before: what is rolled back takes the mail with it.
    transaction.on_commit(partial(_remember, bundle))


def _remember(bundle: int) -> None:
    global _stored_bundle
    _stored_bundle = bundle


def notify_manager_of_overdue(now: datetime) -> bool:
    """Mail the manager that promises are overdue; return False where a mail of the last hour said so already."""
    kind = NotificationKind.STAFF_OVERDUE
    if Email.objects.filter(kind=kind, due_at__gt=now - OVERDUE_EVERY).exists():
        return False
    clinic = Clinic.current()
    _mail(f"{kind}:{now:%Y%m%d%H}", kind=kind, to=clinic.manager_email or clinic.email, due_at=now)
    return True


def _can_be_mailed(kind: NotificationKind, inquiry: Inquiry) -> bool:
    if not inquiry.takes_mail:
        return False
    if kind == NotificationKind.REMINDER and inquiry.no_reminders:
        return False
    if kind in (NotificationKind.RECEIVED, NotificationKind.LINK_AGAIN):
        # A machine may have typed somebody else's address: only what passed the sum and the trap is confirmed.
        return inquiry.sum_solved and inquiry.screening == InquiryScreening.PASSED
    if timezone.now() - inquiry.created_at < RECEIVED_AFTER:
        return True  # No mail of it has been out long enough to come back.
    return not Email.objects.blocking(inquiry).exists()


def _mail(dedupe_key: str, **about: Any) -> Email:
    about |= {"next_try_at": about["due_at"]}
    email = Email.objects.insert_once(dedupe_key=dedupe_key, **about)
    is_new = email is not None
    if not is_new:
        email = Email.objects.get(dedupe_key=dedupe_key)
        called = CallTask.objects.told_or_waiting().filter(dedupe_key=dedupe_key)
        untold = Email.objects.untold().filter(~Exists(called), pk=email.pk)
        if about["kind"] in NEVER_CALLED:  # Visitors cause these: an address that refused one gets no second.
            untold = untold.filter(state=MailState.CANCELLED)
        anew: dict[str, Any] = {"state": MailState.WAITING, "attempts": 0, "last_error": "", "sent_at": None}
        is_new = bool(untold.update(**about, **anew, is_refused=False, token=uuid4()))
        email.refresh_from_db()
    _wake_for(email if is_new else None)
    return email


def _wake_for(email: Email | None) -> None:
    if email and email.due_at <= timezone.now():
        wake_outbox()


def _call(dedupe_key: str, **about: Any) -> CallTask:
    if task := CallTask.objects.insert_once(dedupe_key=dedupe_key, **about):
        return task
    untold = CallTask.objects.untold().filter(dedupe_key=dedupe_key)
    untold.update(**about, state=CallState.WAITING, done_at=None)
    return CallTask.objects.get(dedupe_key=dedupe_key)
