from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models.inquiry import Inquiry
from appointments.models.message import Message
from appointments.models.notification_kind import NotificationKind
from appointments.models.once_per_key import OncePerKeyQuerySet


class CallState(models.TextChoices):
    """What became of a call. A mail has the same three ends: it did its work, the other way did, nobody needs it."""

    WAITING = "waiting", _("To be made")
    DONE = "done", _("Done")
    BY_MAIL = "by_mail", _("Told by mail instead")
    CANCELLED = "cancelled", _("Not needed any longer")


class CallTaskQuerySet(OncePerKeyQuerySet):
    def open(self) -> Self:
        """Calls that are still to be made, the earliest due first."""
        return self.filter(state=CallState.WAITING).order_by("due_at", "pk")

    def to_make(self) -> Self:
        """Calls to be made whenever the clinic is open: reminders have their own hours, and their own list."""
        return self.open().exclude(kind=NotificationKind.REMINDER)

    def reminders(self, before: datetime) -> Self:
        """Reminder calls to be made that are due before a moment."""
        return self.open().filter(kind=NotificationKind.REMINDER, due_at__lt=before)

    def ended(self) -> Self:
        return self.exclude(state=CallState.WAITING)

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

    # As a mail's: once it is made, the promise is kept.
    keeps_promise = models.BooleanField(default=False, db_default=False, editable=False)

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
            models.Index(fields=["inquiry"], name="calls_that_answer", condition=Q(keeps_promise=True)),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.inquiry}"
