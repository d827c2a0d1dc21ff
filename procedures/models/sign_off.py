from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.typed_text import isolated


class SignOffQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        """Sign-offs of words that have not been changed since, the newest first."""
        return self.filter(digest=F("revision__digest")).order_by("-signed_on", "-pk")


class SignOff(models.Model):
    """A clinician's word that a revision tells the facts rightly: in the admin, or on paper and entered later."""

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="sign_offs")
    digest = models.CharField(max_length=64, editable=False)
    signed_by = models.CharField(
        _("signed off by"), max_length=150, help_text=_("As patients shall read it, like “Jane Doe, MD”.")
    )
    signed_on = models.DateField(_("signed off on"))
    next_review = models.DateField(_("next review due"))
    on_paper = models.BooleanField(_("signed on paper"), default=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)

    objects = SignOffQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        permissions = [("record_paper_signoff", _("Can enter a sign-off that a clinician gave on paper"))]
        constraints = [
            models.CheckConstraint(
                name="the_next_review_comes_after_the_sign_off",
                condition=Q(next_review__gt=F("signed_on")),
                violation_error_message=_("The next review must be later than the sign-off."),
            )
        ]

    def __str__(self):
        return f"{self.revision}: {isolated(self.signed_by)}, {self.signed_on}"
