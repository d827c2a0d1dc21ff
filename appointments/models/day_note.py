from datetime import date
from typing import Any

import pghistory
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DayNoteQuerySet(models.QuerySet["DayNote"]):
    def about(self, day: date) -> "DayNote | None":
        """What is to be known of a day, with who wrote it; None where nobody wrote anything."""
        named = ("written_by__first_name", "written_by__last_name", "written_by__username")
        notes = self.select_related("written_by").filter(day=day).only("day", "words", *named)
        return next(iter(notes), None)  # There is one at most: first() would sort it.

    @transaction.atomic
    def write(self, *, day: date, words: str, by: Any, was: str) -> bool:
        """
        Say this of the day from now on; nothing, where there are no words.

        Whether it is so now: not, where a colleague has written something else than `was` meanwhile.
        """
        note = self.select_for_update().filter(day=day).first()
        now_says = note.words if note else ""
        if now_says == words:
            return True
        if now_says != was:
            return False
        if not words:
            self.filter(day=day).delete()
            return True
        said = {"words": words, "written_by": by, "written_at": timezone.now()}
        row, is_new = self.get_or_create(day=day, defaults=said)
        if not is_new and note is None:  # A colleague was faster by a moment.
            return row.words == words
        if not is_new:
            self.filter(pk=row.pk).update(**said)
        return True


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class DayNote(models.Model):
    """What everybody at the desk has to know of a day, like when somebody leaves. No patient stands in it."""

    day = models.DateField(_("day"), unique=True)
    words = models.CharField(_("note for the day"), max_length=300)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    written_at = models.DateTimeField(_("when"), default=timezone.now)

    objects = DayNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note for a day")
        verbose_name_plural = _("notes for days")
        ordering = ["day"]
        constraints = [models.CheckConstraint(name="a_note_for_a_day_says_something", condition=~Q(words=""))]

    def __str__(self):
        return f"{self.day}: {self.words[:60]}"
