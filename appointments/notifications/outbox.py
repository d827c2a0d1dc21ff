"""Getting mails out: what is due is tried, what fails is tried again later, and what can't arrive is told by phone."""

import logging
import re
import smtplib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.errors import MessageError
from typing import Any

from django.core.mail import mailers
from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.db.models import Subquery
from django.utils import timezone

from appointments.models import Email, MailState
from appointments.models.own_link import LinkState
from appointments.notifications import compose
from appointments.notifications.night import put_off_until_open
from appointments.notifications.notify import fall_back_to_call
from appointments.notifications.outdated import is_outdated
from clinic import smtp, smtp_replies
from clinic.made_once import Fields, Rows
from clinic.models import Clinic, SiteIdentity
from clinic.server import request_ids
from clinic.smtp_replies import Fault

logger = logging.getLogger(__name__)

# Of what went wrong, as it is kept: an error's name, or the code of a reply.
_IN_LOG = re.compile(r"\A(?:[A-Za-z]+|\d{3}(?: \d\.\d{1,3}\.\d{1,3})?)")
# What Python raises for a mail that cannot be written down; what goes wrong on the way is an OSError or SMTP's own.
UNBUILDABLE = (ValueError, TypeError, LookupError, MessageError)

# How long after each failed attempt the next one comes; together they take 26 hours.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120, 240, 480, 600)]
# After so long a mail has failed for good, also when the server is to blame. Its patient is called.
TRIED_FOR = timedelta(hours=26)
# So long before a visit its mail becomes a call: the front desk must still find it within its opening hours.
CALLED_BEFORE = timedelta(hours=12)
# But a server that is busy for a moment, or restarts, is no reason to call anybody.
TRIED_AT_LEAST = timedelta(minutes=30)
# After so many mails, or so long, a job ends, and another takes up the rest: the worker's other jobs come in between.
BATCH = 200
BATCH_TAKES = timedelta(seconds=10)
# A provider that takes one mail a second refuses all that come faster: what it refused for now costs the next one so
# much of a wait, in seconds. Without it, all would be tried in vain in a moment, as often as there are pauses.
BREATH = 1
# What changes a time that a patient counts on comes again at once, at first: it is to be out within a minute.
SOON, TRIED_SOON = timedelta(seconds=5), 5
# What the database refuses of one mail, like a sign that it can't store, it refuses each time. That is this mail's
# fault alone; any other error of the database's is no mail's fault.
REFUSED_BY_DATABASE = (DataError, IntegrityError)
# A mail server that does not answer is asked again after this.
SILENCE = timedelta(minutes=1)
# The clinic and its own words are read for all mails of so long. Who edits them sees it in the mails after that.
WORDS_KEPT = timedelta(seconds=2)

# The mail that is due longest of those that no other worker has, and its lock. Of the rows beside it none is locked.
_next_due = Rows(
    Fields(Email, beside={"inquiry": (), "appointment": (), "appointment__practitioner": ()}),
    lambda now: Email.objects.filter(
        pk=Subquery(Email.objects.due(now).select_for_update(skip_locked=True).values("pk")[:1])
    ),
)


def is_more_than_a_batch() -> bool:
    """Whether another job should help to send what is due."""
    return Email.objects.due(timezone.now())[BATCH : BATCH + 1].exists()


@Clinic.read_once()
def send_due(*, stop: Callable[[], bool] = lambda: False) -> bool:
    """
    Send what is due until nothing is, or until `stop`; return True when a batch is over and there may be more.

    Each mail is a transaction that locks its row: several workers share the work, and one that is killed leaves
    its mail as it was. What another worker has at hand is its: only a mail that was taken counts. A mail server that
    is down is no mail's fault: they all wait for a minute, until their age makes them calls.
    """
    connection, read_at, until = mailers.default, timezone.now(), timezone.now() + BATCH_TAKES
    if not Email.objects.due(timezone.now()).exists():
        return False  # The mail server need not hear of it.
    if SiteIdentity.mails_are_held():
        return False
    try:
        for _ in range(BATCH):
            if stop():
                return False
            if timezone.now() - read_at >= WORDS_KEPT:
                Clinic.forget()
                read_at = timezone.now()
            try:
                connection.open()  # Does nothing while it is open.
            except OSError as error:
                _note_the_silence(error)
                return False
            email = _send_next(connection)
            if email is None:
                return False
            if email.state == MailState.WAITING:
                time.sleep(BREATH)
            if timezone.now() >= until:
                break
    finally:
        _close(connection)
    return True


class _Poisoned(Exception):
    """The database refuses what becomes of this mail: all that was written is taken back."""

    def __init__(self, email: Email, error: Exception):
        super().__init__(str(error))
        self.email, self.error = email, error


def _send_next(connection: Any) -> Email | None:
    """
    Try the mail whose turn it is, if no other worker has it; return it as it is then, or None.

    One that the database refuses to say sent is put aside: first in the queue, it would go out again and again, and no
    other would.
    """
    try:
        return _take_next(connection)
    except _Poisoned as poisoned:
        return _put_aside(poisoned.email.pk, poisoned.error)


@transaction.atomic
def _put_aside(pk: int, error: Exception) -> Email:
    email = Email.objects.select_for_update(of=("self",)).select_related("inquiry", "message", "appointment").get(pk=pk)
    if email.state != MailState.WAITING:
        return email  # Another worker had it meanwhile.
    email.attempts += 1
    email.last_error = type(error).__name__  # Its words have the mail's in them.
    with request_ids.on_behalf_of(email.request):
        try:
            with transaction.atomic():
                _give_up(email)
        except REFUSED_BY_DATABASE as refused:  # Maybe the call is what can't be stored.
            logger.error("Mail %s failed for good, and its call is not stored: %s", pk, type(refused).__name__)
    email.state = MailState.FAILED
    email.save(update_fields=["state", "attempts", "last_error"])
    return email


@transaction.atomic
def _take_next(connection: Any) -> Email | None:
    """
    Take the mail that is due longest, and try it.

    At most four statements, BEGIN and COMMIT not counted, two more where the clinic and its words are to be read, and
    one more for a mail to staff.
    """
    now = timezone.now()
    email = next(iter(_next_due(now=now)), None)
    if email is None:
        return None
    try:
        with request_ids.on_behalf_of(email.request):
            _try(email, connection, now)
    except REFUSED_BY_DATABASE as error:
        raise _Poisoned(email, error) from error
    return email


def _try(email: Email, connection: Any, now: datetime) -> None:
    if email.appointment and email.inquiry:
        email.appointment.inquiry = email.inquiry
    if is_outdated(email) or put_off_until_open(email, now):
        email.state = MailState.CANCELLED
        email.save(update_fields=["state"])
        return
    if email.inquiry and email.is_to_patient:
        if email.inquiry.email_is_dead or email.inquiry.link_state != LinkState.WORKS:
            email.state = MailState.CANCELLED
            email.save(update_fields=["state"])
            fall_back_to_call(email)
            return
        email.to = email.inquiry.email or email.to  # The front desk may have corrected it since.
    email.attempts += 1
    mail = None
    try:
        mail = compose.build(email)
        connection.send_messages([mail])
    except DatabaseError:
        raise  # It is not this mail's fault: all is rolled back, and it waits as it was.
    except Exception as error:  # Whatever one mail does, the next ones must go out.
        # What no mail can be, like one with a line end in its subject, is no better in an hour. Python's error for a
        # certificate is a ValueError, too.
        cannot_be = isinstance(error, UNBUILDABLE) and not isinstance(error, OSError)
        _failed(email, error, now, is_final=mail is None or cannot_be)
        _close(connection)  # What the server thinks of it now is unknown: the next mail opens it again.
    else:
        email.state, email.sent_at, email.last_error = MailState.SENT, timezone.now(), ""
        email.subject, email.text, email.html = compose.words_without_key(email, mail)
    email.save(
        update_fields=[
            "to", "state", "attempts", "next_try_at", "last_error", "is_refused", "sent_at", "subject", "text", "html"
        ]
    )  # fmt: skip


def _failed(email: Email, error: Exception, now: datetime, *, is_final: bool) -> None:
    email.last_error = _said(error)[:300]
    is_refused = _is_final(error)
    email.is_refused = is_refused and all(fault == Fault.ADDRESS for fault in _faults(error, email.to))
    # Maybe it has arrived: a second one could not be taken back, so somebody calls.
    is_in_doubt = isinstance(error, smtp.Unanswered)
    pauses = [SOON] * TRIED_SOON + PAUSES if email.turn == 0 else PAUSES
    if is_final or is_refused or is_in_doubt or email.attempts > len(pauses) or now >= _given_up_at(email):
        _give_up(email)
    else:
        email.next_try_at = now + pauses[email.attempts - 1]
        logger.warning("Mail %s failed, attempt %s: %s", email.pk, email.attempts, type(error).__name__)


def _given_up_at(email: Email) -> datetime:
    """When it is too late to go on trying: a reminder that comes after the visit helps nobody."""
    at = email.due_at + TRIED_FOR
    if email.appointment:
        at = min(at, email.appointment.starts_at - CALLED_BEFORE)
    return max(at, email.due_at + TRIED_AT_LEAST)


def _give_up(email: Email) -> None:
    email.state = MailState.FAILED
    fall_back_to_call(email)
    # What a server says may hold the address.
    logger.error("Mail %s failed for good: %s", email.pk, "".join(_IN_LOG.findall(email.last_error)[:1]))


def _replies(error: Exception) -> list[tuple[int, str]]:
    """What the server said of the recipient, or of the mail."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [(code, smtp_replies.words_of(said)) for code, said in error.recipients.values()]
    if isinstance(error, smtplib.SMTPDataError):
        return [(error.smtp_code, smtp_replies.words_of(error.smtp_error))]
    return []


def _is_final(error: Exception) -> bool:
    """Whether the server refused this recipient or this mail, and will again. Source: RFC 5321, 4.2.1."""
    replies = _replies(error)
    return bool(replies) and all(code >= 500 for code, _words in replies)


def _faults(error: Exception, address: str) -> list[Fault]:
    of_recipient = isinstance(error, smtplib.SMTPRecipientsRefused)
    return [
        smtp_replies.fault(code, words, of_recipient=of_recipient, address=address) for code, words in _replies(error)
    ]


def _said(error: Exception) -> str:
    said = "; ".join(f"{code} {words}" for code, words in _replies(error))
    return said or f"{type(error).__name__}: {error}"


@transaction.atomic
def _note_the_silence(error: OSError) -> None:
    """Let all that is due wait, with the reason for the front desk to see; what has waited too long becomes a call."""
    logger.warning("The mail server does not answer: %s", error)
    now, said = timezone.now(), _said(error)[:300]
    # What another worker has at hand is its: waiting for it, two could wait for each other.
    due = list(Email.objects.due(now).select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    old = Email.objects.filter(pk__in=due, due_at__lte=now - TRIED_AT_LEAST)
    for email in old.select_related("inquiry", "message", "appointment").order_by("due_at", "pk"):
        if now >= _given_up_at(email):
            email.last_error = said
            with request_ids.on_behalf_of(email.request):
                _give_up(email)
            email.save(update_fields=["state", "last_error"])
    Email.objects.due(now).filter(pk__in=due).update(last_error=said, next_try_at=now + SILENCE)


def _close(connection: Any) -> None:
    try:
        connection.close()
    except OSError:
        logger.debug("The mail server had hung up already")
