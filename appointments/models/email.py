from datetime import datetime, timedelta
from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.constants import OnConflict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models.inquiry import Inquiry
from appointments.models.message import Message


class NotificationKind(models.TextChoices):
    """What a mail, or the call in its place, is about. What it says stands in notifications/texts.py."""

    RECEIVED = "received", _("We have your message")
    LINK_AGAIN = "link_again", _("The link again")
    ANSWERED = "answered", _("We have answered")
    TRIED = "tried", _("We tried to reach you")
    OFFERED = "offered", _("Times to choose from")
    WITHDRAWN = "withdrawn", _("A time is no longer offered")
    HELD = "held", _("A time is held, not confirmed yet")
    HELD_MOVED = "held_moved", _("A time was moved, not confirmed yet")
    BOOKED = "booked", _("A time is booked")
    MOVED = "moved", _("A time was moved")
    CANCELLED = "cancelled", _("A time was cancelled")
    REMINDER = "reminder", _("Reminder")
    DISPLACED = "displaced", _("A time cannot take place")
    # A call that was promised: never a mail.
    CALL_BACK = "call_back", _("Call back")
    STAFF_WAITING = "staff_waiting", _("To staff: something waits")
    STAFF_OVERDUE = "staff_overdue", _("To the manager: a promise is overdue")
    STAFF_DAY = "staff_day", _("To staff: tomorrow’s day list")

    @classmethod
    def mailed(cls) -> list["NotificationKind"]:
        """Those that can be a mail."""
        return [kind for kind in cls if kind != cls.CALL_BACK]


MAIL_CHOICES = [(kind.value, kind.label) for kind in NotificationKind.mailed()]


class MailState(models.TextChoices):
    WAITING = "waiting", _("On its way")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed for good")
    BOUNCED = "bounced", _("Came back")
    BY_PHONE = "by_phone", _("Reached by phone instead")
    CANCELLED = "cancelled", _("Not needed any longer")


class OncePerKeyQuerySet(models.QuerySet):
    """Rows that tell something once, by their `dedupe_key`."""

    def insert_once(self, **fields: Any) -> Any:
        """
        The new row, or None where one of its key is there, maybe since a moment ago: one statement.

        get_or_create() takes four, two of them for a savepoint. bulk_create() can ignore conflicts, and does not say
        whether there was one: hence Django's own method below it.
        """
        row = self.model(**fields)
        columns = [field for field in self.model._meta.concrete_fields if not field.primary_key]
        inserted = self._insert(  # type: ignore[attr-defined]
            [row], columns, returning_fields=[self.model._meta.pk], using=self.db, on_conflict=OnConflict.IGNORE
        )
        if not any(inserted):
            return None
        [(row.pk,)] = inserted
        row._state.adding, row._state.db = False, self.db
        return row


class EmailQuerySet(OncePerKeyQuerySet):
    # A mail that is cancelled and was sent before (`sent_at`) has told; only its second sending was cancelled.
    TOLD_OR_WAITING = Q(state__in=(MailState.WAITING, MailState.SENT, MailState.BY_PHONE)) | Q(
        state=MailState.CANCELLED, sent_at__isnull=False
    )

    def due(self, now: datetime) -> Self:
        """Mails that should be tried at `now`, the longest due first."""
        return self.filter(state=MailState.WAITING, next_try_at__lte=now).order_by("due_at", "pk")

    def stuck(self, now: datetime) -> Self:
        """Mails that should have been out ten minutes ago."""
        return self.filter(state=MailState.WAITING, due_at__lt=now - timedelta(minutes=10))

    def refused_at_the_door(self) -> Self:
        """Mails that wait because the mail server refuses our user name or password."""
        refusal = r"^SMTP(Authentication|NotSupported)Error"
        return self.filter(state=MailState.WAITING, last_error__regex=refusal)

    def told_or_waiting(self) -> Self:
        """Mails that told what they are about, or still will."""
        return self.filter(self.TOLD_OR_WAITING)

    def untold(self) -> Self:
        """Mails that told nobody and will not: they were cancelled before they went out, failed, or came back."""
        return self.exclude(self.TOLD_OR_WAITING)

    def in_trouble(self, now: datetime) -> Self:
        """Mails that somebody should look at: failed for good, come back, or late."""
        return self.filter(state__in=(MailState.FAILED, MailState.BOUNCED)) | self.stuck(now)


class Email(models.Model):
    """One mail on its way out: written in the transaction of what it tells, sent by a worker."""

    kind = models.CharField(_("kind"), max_length=16, choices=MAIL_CHOICES)
    inquiry = models.ForeignKey(
        Inquiry, verbose_name=_("inquiry"), null=True, blank=True, on_delete=models.CASCADE, related_name="emails"
    )
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.CASCADE, related_name="emails")
    appointment = models.ForeignKey(
        "appointments.Appointment", null=True, blank=True, on_delete=models.CASCADE, related_name="emails"
    )
    to = models.EmailField(_("to"))
    due_at = models.DateTimeField(_("due"))
    # One mail for one thing: telling it again finds this row.
    dedupe_key = models.CharField(max_length=120, unique=True)
    # Its Message-ID: a mail that went out twice, since the worker died between sending and saying so, is shown once.
    token = models.UUIDField(unique=True, default=uuid4, editable=False)
    created_at = models.DateTimeField(_("written"), default=timezone.now)

    state = models.CharField(_("state"), max_length=9, choices=MailState, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"))
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # What was sent, word for word, with {link} in place of the own page's address: its key stands nowhere else.
    subject = models.TextField(_("subject"), blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True)

    objects = EmailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="a_mail_that_is_sent_says_when",
                condition=~Q(state=MailState.SENT) | Q(sent_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(F("due_at"), F("id"), name="mails_on_their_way", condition=Q(state=MailState.WAITING)),
            models.Index(
                F("due_at"),
                F("id"),
                name="mails_that_told_nobody",
                condition=Q(state__in=[MailState.FAILED, MailState.BOUNCED]),
            ),
            models.Index(F("due_at"), F("id"), name="mails_by_their_time"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.get_state_display()}"


class CallState(models.TextChoices):
    """What became of a call. A mail has the same three ends: it did its work, the other way did, nobody needs it."""

    WAITING = "waiting", _("To be made")
    DONE = "done", _("Called")
    BY_MAIL = "by_mail", _("Told by mail instead")
    CANCELLED = "cancelled", _("Not needed any longer")


class CallTaskQuerySet(OncePerKeyQuerySet):
    def open(self) -> Self:
        """Calls that are still to be made, the earliest due first."""
        return self.filter(state=CallState.WAITING).order_by("due_at", "pk")

    def end(self, state: CallState, by: Any = None) -> int:
        """End those of these calls that are still to be made, as `state` says; `by` is who called."""
        return self.filter(state=CallState.WAITING).update(state=state, done_at=timezone.now(), done_by=by)

    def told_or_waiting(self) -> Self:
        """Calls that somebody made, or still has to make."""
        return self.filter(state__in=(CallState.WAITING, CallState.DONE))

    def untold(self) -> Self:
        """Calls that nobody made or will: they were not needed any longer, or a mail was sent instead."""
        return self.exclude(state__in=(CallState.WAITING, CallState.DONE))


class CallTask(models.Model):
    """Somebody to be phoned: in place of a mail that they can't get, or because a call back was promised."""

    kind = models.CharField(_("what about"), max_length=16, choices=NotificationKind)
    inquiry = models.ForeignKey(Inquiry, verbose_name=_("inquiry"), on_delete=models.CASCADE, related_name="call_tasks")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.CASCADE, related_name="call_tasks")
    appointment = models.ForeignKey(
        "appointments.Appointment", null=True, blank=True, on_delete=models.CASCADE, related_name="call_tasks"
    )
    due_at = models.DateTimeField(_("due"))
    dedupe_key = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    state = models.CharField(_("state"), max_length=9, choices=CallState, default=CallState.WAITING)
    # When it was made, told by mail, or no longer needed.
    done_at = models.DateTimeField(_("ended"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = CallTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("call task")
        verbose_name_plural = _("call tasks")
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="a_call_that_has_ended_says_when",
                condition=Q(state=CallState.WAITING, done_at=None) | (~Q(state=CallState.WAITING) & ~Q(done_at=None)),
            ),
            models.CheckConstraint(
                name="a_call_with_a_caller_is_done", condition=Q(done_by=None) | Q(state=CallState.DONE)
            ),
        ]
        indexes = [
            models.Index(F("due_at"), F("id"), name="calls_to_be_made", condition=Q(state=CallState.WAITING)),
            models.Index(F("due_at"), F("id"), name="calls_by_their_time"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.inquiry}"


class MailText(models.Model):
    """The clinic's own words for one kind of mail, in one language; without a row, the site's words are used."""

    kind = models.CharField(_("kind"), max_length=16, choices=MAIL_CHOICES)
    language = models.CharField(
        _("language"), max_length=12, default="en", validators=[RegexValidator(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    )
    subject = models.CharField(_("subject"), max_length=120)
    body = models.TextField(_("text"), max_length=4000)

    class Meta:
        verbose_name = _("mail text")
        verbose_name_plural = _("mail texts")
        ordering = ["kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "language"],
                name="a_kind_of_mail_has_one_text_in_a_language",
                violation_error_message=_("There are words for this kind of mail already: change those."),
            )
        ]

    def __str__(self):
        return str(self.get_kind_display())


class WorkerHeartbeat(models.Model):
    """When a worker was last seen working. One row, written every minute."""

    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="there_is_one_heartbeat_of_the_workers", condition=Q(pk=1))]

    def __str__(self):
        return f"{self.seen_at}"
