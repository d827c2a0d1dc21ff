"""Mails of a restored database: held until somebody has decided which of them went out before it was lost."""

from datetime import datetime

from django.db import transaction

from appointments.models import Email, MailState
from appointments.notifications.queue import wake_outbox
from clinic.models import SiteIdentity


@transaction.atomic
def release(*, cancel_due_before: datetime | None = None) -> tuple[int, int]:
    """Let the mails that wait go out, but those that were due before a moment; return how many of each."""
    waiting = Email.objects.filter(state=MailState.WAITING)
    cancelled = 0
    if cancel_due_before:
        cancelled = waiting.filter(due_at__lt=cancel_due_before).update(state=MailState.CANCELLED)
    SiteIdentity.objects.update(mails_held_since=None)
    wake_outbox()
    return waiting.count(), cancelled
