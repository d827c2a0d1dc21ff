from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.typed_text import isolated


class PractitionerQuerySet(models.QuerySet["Practitioner"]):
    def active(self) -> Self:
        """Those who see patients here now, in the clinic's order."""
        return self.filter(is_active=True).order_by("position", "name")

    def to_ask(self) -> Self:
        """Those that can be asked: they have an account here in which the question stands."""
        return self.active().filter(account__is_active=True, account__is_staff=True)

    def whose_account(self, user: Any) -> "Practitioner | None":
        """The practitioner that this account is."""
        return self.filter(account=user.pk).first()


class Practitioner(models.Model):
    """Somebody whom patients come to see."""

    name = models.CharField(
        _("name"), max_length=150, unique=True, help_text=_("As patients shall read it, like “Jane Doe, MD”.")
    )
    title = models.CharField(_("what they are"), max_length=150, blank=True, help_text=_("Like “Spine surgeon”."))
    languages = models.CharField(
        _("languages they speak"), max_length=150, blank=True,
        help_text=_("As patients shall read it, like “English and Spanish”."),
    )  # fmt: skip
    about = models.TextField(
        _("about them"), max_length=1000, blank=True, help_text=_("A few sentences for the About page.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Smaller comes first."))
    is_active = models.BooleanField(_("sees patients here"), default=True)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("their account"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="practitioner",
        help_text=_("Who signs in with it sees this practitioner’s day, and what the front desk asks them."),
    )  # fmt: skip

    objects = PractitionerQuerySet.as_manager()

    class Meta:
        verbose_name = _("practitioner")
        verbose_name_plural = _("practitioners")
        ordering = ["position", "name"]

    def __str__(self):
        return isolated(self.name)
