"""What staff wrote down about an inquiry: added to, or taken back, never changed."""

from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models.inquiry import Inquiry


class Entry(models.Model):
    # Drawn when the form was shown: what is sent twice is one entry.
    idempotency_key = models.UUIDField(unique=True, default=uuid4, editable=False)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        abstract = True
        ordering = ["created_at", "pk"]


class EntryOfStaffQuerySet(models.QuerySet):
    def standing(self) -> Self:
        """Those that nobody has taken back."""
        return self.filter(taken_back_at=None)


class EntryOfStaff(Entry):
    """An entry for colleagues only. Who wrote it may take it back: it is kept, and counts no longer."""

    taken_back_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = EntryOfStaffQuerySet.as_manager()

    class Meta(Entry.Meta):
        abstract = True


class Note(EntryOfStaff):
    """A note among staff; patients never see it."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="notes")
    words = models.TextField(_("note"), max_length=2000)

    class Meta(EntryOfStaff.Meta):
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints = [models.CheckConstraint(name="a_note_says_something", condition=~models.Q(words=""))]

    def __str__(self):
        return self.words[:60]


class Outcome(models.TextChoices):
    REACHED = "reached", _("Reached")
    VOICEMAIL = "voicemail", _("Left a voicemail")
    NO_ANSWER = "no_answer", _("No answer")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    SOMEONE_ELSE = "someone_else", _("Someone else answered, no message left")
    CALL_BACK = "call_back", _("Call back later")

    @classmethod
    def answering(cls) -> tuple["Outcome", ...]:
        """Those that keep the promise to answer."""
        return (cls.REACHED, cls.VOICEMAIL)

    @classmethod
    def in_vain(cls) -> tuple["Outcome", ...]:
        """Those after which the writer does not know that we called."""
        return (cls.NO_ANSWER, cls.WRONG_NUMBER, cls.SOMEONE_ELSE)


class Call(EntryOfStaff):
    """One attempt to telephone about an inquiry."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="calls")
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    words = models.CharField(_("in a few words"), max_length=300, blank=True)
    call_back_at = models.DateTimeField(_("call back at"), null=True, blank=True)

    class Meta(EntryOfStaff.Meta):
        verbose_name = _("call")
        verbose_name_plural = _("calls")

    def __str__(self):
        return str(self.get_outcome_display())
