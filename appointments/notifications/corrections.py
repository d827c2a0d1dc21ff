"""What staff do with a mail: try it again, say that it came back, say that the phone did its work."""

from uuid import uuid4

from django.db import OperationalError, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from appointments.actors import Actor
from appointments.errors import ChangedMeanwhile, NotPossible, Outdated
from appointments.models import CallState, CallTask, Email, Inquiry, MailState
from appointments.models.own_link import LinkState
from appointments.notifications.notify import complete_calls, fall_back_to_call
from appointments.notifications.outdated import is_outdated
from appointments.notifications.queue import wake_outbox

RESENT = tuple(state for state in MailState if state != MailState.CANCELLED)


@transaction.atomic
def resend(email: Email, *, by: Actor) -> None:
    """
    Send it now, whatever became of it, as a mail of its own: mailboxes drop a Message-ID that they have seen, also
    where a patient has deleted that mail or filters it. One that came back has told nobody, and no longer says when it
    was sent.

    Raises Outdated where what it says is no longer so: the worker would not send it; NotPossible where the link in it
    has ended. Who sends it again says that its address works.
    """
    Inquiry.objects.filter(emails=email, email_is_dead=True).update(email_is_dead=False)
    row = _locked(email, *RESENT)
    if is_outdated(row):
        raise Outdated
    if row.inquiry and row.is_to_patient and row.inquiry.link_state != LinkState.WORKS:
        raise NotPossible(row.inquiry.link_state)
    if row.state == MailState.BOUNCED:
        row.sent_at = None
    row.state, row.attempts, row.is_refused, row.token = MailState.WAITING, 0, False, uuid4()
    row.due_at = row.next_try_at = timezone.now()
    if row.inquiry:
        Email.objects.blocking(row.inquiry).update(is_refused=False)
    instead_of = CallTask.objects.filter(dedupe_key=row.dedupe_key)
    row.keeps_promise = row.keeps_promise or instead_of.filter(keeps_promise=True).exists()
    row.save(
        update_fields=[
            "state", "attempts", "is_refused", "due_at", "next_try_at", "sent_at", "keeps_promise", "token"
        ]
    )  # fmt: skip
    instead_of.end(CallState.BY_MAIL)
    wake_outbox()


@transaction.atomic
def bounced(email: Email, *, by: Actor) -> None:
    """It came back: what it said is told by phone, and the address gets no other before somebody corrects it."""
    # Before the mail's own row, as everybody locks them who changes both.
    Inquiry.objects.filter(emails=email, email=email.to).update(email_is_dead=True)
    row = _locked(email, MailState.SENT)
    row.state, row.is_refused = MailState.BOUNCED, True
    row.save(update_fields=["state", "is_refused"])
    fall_back_to_call(row)


@transaction.atomic
def reached_by_phone(email: Email, *, by: Actor) -> None:
    """Somebody told them by phone: neither the mail nor the call in its place is due any longer."""
    row = _locked(email, MailState.WAITING, MailState.FAILED, MailState.BOUNCED)
    row.state = MailState.BY_PHONE
    row.save(update_fields=["state"])
    complete_calls(CallTask.objects.filter(dedupe_key=row.dedupe_key), by.user)


def _locked(email: Email, *states: MailState) -> Email:
    """
    The row as it was seen, in one of these states.

    Raises ChangedMeanwhile when it has changed since, or is being sent at this moment; NotPossible in another state.
    """
    try:
        row = Email.objects.select_for_update(nowait=True, of=("self",)).select_related("inquiry").get(pk=email.pk)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise ChangedMeanwhile("being sent") from error
    if (row.state, row.attempts) != (email.state, email.attempts):
        raise ChangedMeanwhile(row.state)
    if row.state not in states:
        raise NotPossible(row.state)
    return row
