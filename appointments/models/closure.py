from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from appointments.models.practitioner import Practitioner
from clinic import timeline
from clinic.hours import Period
from clinic.models import Announcement
from clinic.typed_text import isolated


class ClosureQuerySet(models.QuerySet):
    def standing(self) -> Self:
        """All but those that were ended before they began: these take nobody's time."""
        return self.filter(Q(ended_early_at=None) | Q(ended_early_at__gt=F("starts_at")))

    def of_the_clinic(self) -> Self:
        """Those that close the whole clinic."""
        return self.filter(practitioner=None)

    def after(self, moment) -> Self:
        """Closures that are not over at `moment`."""
        return self.filter(ends_at__gt=moment)

    def periods_of_the_clinic(self, after: datetime) -> list[Period]:
        """When the whole clinic is closed, of closures that are not over at `after`: for promises and reminders."""
        return [Period(*row) for row in self.of_the_clinic().standing().after(after).values_list(*Period._fields)]


class Closure(models.Model):
    """A time at which the clinic, or one practitioner, sees nobody although the hours say otherwise."""

    practitioner = models.ForeignKey(
        Practitioner,
        verbose_name=_("practitioner"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="closures",
        help_text=_("Empty: the whole clinic is closed."),
    )
    name = models.CharField(_("reason, for staff"), max_length=100, help_text=_("Patients never read this."))
    public_words = models.CharField(
        _("what patients read"),
        max_length=100,
        blank=True,
        db_default="",
        help_text=_("For example: Thanksgiving. Empty: they read only when it is closed."),
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, editable=False, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    # What all pages say meanwhile; it ends with the closure.
    announcement = models.OneToOneField(
        Announcement, null=True, editable=False, on_delete=models.SET_NULL, related_name="closure"
    )
    # Somebody opened again before the end that it was to have: from this moment on it takes no time.
    ended_early_at = models.DateTimeField(_("ended early"), null=True, editable=False)
    ended_early_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("ended early by"), null=True, editable=False,
        on_delete=models.SET_NULL, related_name="+",
    )  # fmt: skip

    objects = ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["starts_at"]
        constraints = [timeline.valid_period("a_closure_ends_after_it_starts")]

    def __str__(self):
        return isolated(self.name)

    def is_over(self, now: datetime) -> bool:
        """Whether it takes no time any longer: its end has come, or somebody ended it before it began."""
        return self.ends_at <= now or self.ended_early_at is not None

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)


class OpenHoliday(models.Model):
    """A public holiday on which the manager has decided that the clinic is open: nobody is asked about it again."""

    day = models.DateField(_("day"), primary_key=True)

    class Meta:
        verbose_name = _("public holiday on which we are open")
        verbose_name_plural = _("public holidays on which we are open")
        default_permissions = ()

    def __str__(self):
        return f"{self.day}"
