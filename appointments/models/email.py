from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Case, F, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models.inquiry import Inquiry
from appointments.models.message import Message
from appointments.models.notification_kind import MAIL_CHOICES, NotificationKind
from appointments.models.once_per_key import OncePerKeyQuerySet
from clinic.server import request_ids


class MailState(models.TextChoices):
    WAITING = "waiting", _("On its way")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed for good")
    BOUNCED = "bounced", _("Came back")
    BY_PHONE = "by_phone", _("Reached by phone instead")
    CANCELLED = "cancelled", _("Not needed any longer")


# However many mails wait: first what changes a time that a patient counts on, last that a message has arrived.
TURN = Case(
    When(
        kind__in=[
            NotificationKind.CANCELLED, NotificationKind.DISPLACED, NotificationKind.MOVED,
            NotificationKind.HELD_MOVED, NotificationKind.WITHDRAWN,
        ],
        then=0,
    ),
    When(kind__in=[NotificationKind.RECEIVED, NotificationKind.LINK_AGAIN], then=2),
    default=1,
)  # fmt: skip


class EmailQuerySet(OncePerKeyQuerySet):
    # One that waits or is cancelled, and was sent before (`sent_at`), has told: it was to be sent a second time.
    TOLD = Q(state__in=(MailState.SENT, MailState.BY_PHONE)) | Q(
        state__in=(MailState.WAITING, MailState.CANCELLED), sent_at__isnull=False
    )
    TOLD_OR_WAITING = Q(state=MailState.WAITING) | TOLD

    def due(self, now: datetime) -> Self:
        """Mails that should be tried at `now`, in their turn: of one kind of turn, the longest due first."""
        return self.filter(state=MailState.WAITING, next_try_at__lte=now).order_by("turn", "due_at", "pk")

    def stuck(self, now: datetime) -> Self:
        """Mails that should have been out ten minutes ago, and that nobody has tried: a refused one has its turns."""
        return self.filter(state=MailState.WAITING, attempts=0, due_at__lt=now - timedelta(minutes=10))

    def refused_at_the_door(self) -> Self:
        """Mails that wait because the mail server refuses our user name or password."""
        refusal = r"^SMTP(Authentication|NotSupported)Error"
        return self.filter(state=MailState.WAITING, last_error__regex=refusal)

    def blocking(self, inquiry: Inquiry) -> Self:
        """Mails of an inquiry that say that its address exists no longer: until staff say otherwise, it gets none."""
        return self.filter(inquiry=inquiry, to=inquiry.email, is_refused=True)

    def told(self) -> Self:
        """Mails that told what they are about, or in whose place somebody told it by phone."""
        return self.filter(self.TOLD)

    def told_or_waiting(self) -> Self:
        """Mails that told what they are about, or still will."""
        return self.filter(self.TOLD_OR_WAITING)

    def untold(self) -> Self:
        """Mails that told nobody and will not: they were cancelled before they went out, failed, or came back."""
        return self.exclude(self.TOLD_OR_WAITING)

    def in_trouble(self, now: datetime) -> Self:
        """Mails that somebody should look at: failed for good, come back or late, and to people who may be told."""
        told_nobody = self.filter(state__in=(MailState.FAILED, MailState.BOUNCED)) | self.stuck(now)
        return told_nobody.filter(Q(inquiry=None) | Q(inquiry__erased_at=None, inquiry__no_contact=""))


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
    turn = models.GeneratedField(expression=TURN, output_field=models.PositiveSmallIntegerField(), db_persist=True)
    # One mail for one thing: telling it again finds this row.
    dedupe_key = models.CharField(max_length=120, unique=True)
    # Its Message-ID: a mail that went out twice, since the worker died between sending and saying so, is shown once.
    # Who sends it again draws a new one: mailboxes drop what they have seen.
    token = models.UUIDField(unique=True, default=uuid4, editable=False)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    # The worker's lines about this mail have the id of the request that it was written in. The site's own have none.
    request = models.CharField(max_length=16, blank=True, default=request_ids.current, db_default="", editable=False)

    state = models.CharField(_("state"), max_length=9, choices=MailState, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"))
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    # Its mail server says that there is no such address, or it came back: the address gets no other, until staff say
    # that it works. A server that is silent or full, or that refuses us or this mail, says nothing about an address.
    is_refused = models.BooleanField(default=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # It answers the inquiry: the promise is kept once it is sent. What was heard, or no longer answers, says no more.
    keeps_promise = models.BooleanField(default=False, db_default=False, editable=False)
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
            models.Index(fields=["turn", "due_at", "id"], name="mails_in_turn", condition=Q(state=MailState.WAITING)),
            models.Index(
                F("due_at"),
                F("id"),
                name="mails_that_told_nobody",
                condition=Q(state__in=[MailState.FAILED, MailState.BOUNCED]),
            ),
            models.Index(F("due_at"), F("id"), name="mails_by_their_time"),
            models.Index(fields=["inquiry"], name="mails_that_answer", condition=Q(keeps_promise=True)),
        ]

    @property
    def is_to_patient(self) -> bool:
        """Whether it goes to the people of its inquiry; the others go to staff."""
        return self.inquiry_id is not None and not self.kind.startswith("staff_")

    def __str__(self):
        return f"{self.get_kind_display()}: {self.get_state_display()}"
