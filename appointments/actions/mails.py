"""What staff do with a mail: try it again, say that it came back, say that the phone did its work."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments import messages, tasks
from appointments.actions.inquiries import NotPossible
from appointments.actors import Actor
from appointments.models import CallTask, Email, MailState


@transaction.atomic
def resend(email: Email, *, by: Actor) -> None:
    """Send it now, whatever became of it: with the same Message-ID, so that a mailbox shows it once."""
    row = _locked(email)
    row.state, row.attempts, row.next_try_at = MailState.WAITING, 0, timezone.now()
    row.save(update_fields=["state", "attempts", "next_try_at"])
    CallTask.objects.filter(dedupe_key=row.dedupe_key, done_at=None).update(done_at=timezone.now(), done_by=by.user)
    tasks.wake()


@transaction.atomic
def bounced(email: Email, *, by: Actor) -> None:
    """It came back: what it said is told by phone, and the address gets no other."""
    row = _locked(email, MailState.SENT)
    row.state = MailState.BOUNCED
    row.save(update_fields=["state"])
    messages.call_instead(row)


@transaction.atomic
def reached_by_phone(email: Email, *, by: Actor) -> None:
    """Somebody told them by phone: neither the mail nor the call in its place is due any longer."""
    row = _locked(email, MailState.WAITING, MailState.FAILED, MailState.BOUNCED)
    row.state = MailState.BY_PHONE
    row.save(update_fields=["state"])
    CallTask.objects.filter(dedupe_key=row.dedupe_key, done_at=None).update(done_at=timezone.now(), done_by=by.user)


def _locked(email: Email, *states: MailState) -> Email:
    row = Email.objects.select_for_update(no_key=True).get(pk=email.pk)
    if states and row.state not in states:
        raise NotPossible(row.state)
    return row


@dataclass(frozen=True)
class Step:
    """What a button says, what it does, and in which states of a mail it is offered."""

    words: Any
    act: Callable[..., None]
    states: tuple[MailState, ...]


STEPS = {
    "resend": Step(_("Send it again"), resend, tuple(set(MailState) - {MailState.DROPPED})),
    "bounced": Step(_("It came back"), bounced, (MailState.SENT,)),
    "by_phone": Step(
        _("Reached by phone instead"), reached_by_phone, (MailState.WAITING, MailState.FAILED, MailState.BOUNCED)
    ),
}


def offered(email: Email) -> dict[str, Any]:
    return {name: step.words for name, step in STEPS.items() if email.state in step.states}


__all__ = ["STEPS", "NotPossible", "bounced", "offered", "reached_by_phone", "resend"]
