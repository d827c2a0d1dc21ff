from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class EmergencyAccessQuerySet(models.QuerySet):
    def live(self, now: datetime) -> "EmergencyAccessQuerySet":
        """Those that have not ended."""
        return self.filter(ends_at__gt=now)

    def naming(self, words: Iterable[str]) -> "EmergencyAccessQuerySet":
        """Those whose reason has one of these words in it, in any letters' case; short ones name nobody."""
        found = models.Q(pk=None)
        for word in words:
            if len(word) >= 4:
                found |= models.Q(why__icontains=word)
        return self.filter(found)


class EmergencyAccess(models.Model):
    """
    Somebody of the staff may read everything until a moment. The row stays, as the record of it.

    Source: 45 CFR 164.312(a)(2)(ii), emergency access procedure.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="emergency_accesses")
    why = models.TextField(_("why"))
    begins_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"))

    objects = EmergencyAccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("emergency access")
        verbose_name_plural = _("emergency accesses")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("begins_at")), name="emergency_access_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.ends_at}"
