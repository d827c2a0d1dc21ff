from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models.inquiry import Inquiry


class Erasure(models.Model):
    """That what somebody wrote was erased: when, why and by whom, without a word of what it was."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="erasures")
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-at"]
        permissions = [("erase_inquiry", _("Can erase what somebody wrote"))]

    def __str__(self):
        return self.reason
