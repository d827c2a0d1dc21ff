from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.typed_text import isolated


class CannedReply(models.Model):
    """An answer that the clinic gives often; its words in braces are filled in for each inquiry."""

    title = models.CharField(
        _("title"), max_length=100, unique=True, help_text=_("By it the front desk finds it. Patients never read it.")
    )
    words = models.TextField(_("words"), max_length=1500)

    class Meta:
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                name="a_canned_reply_says_something", condition=~models.Q(title="") & ~models.Q(words="")
            )
        ]

    def __str__(self):
        return isolated(self.title)
