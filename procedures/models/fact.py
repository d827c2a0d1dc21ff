from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.digests import SHA256
from clinic.typed_text import isolated

# What may stand between the quotes of {fact="R8"}, several divided by spaces.
KEY = r"[A-Za-z][A-Za-z0-9]{0,11}"


class FactQuerySet(models.QuerySet):
    def unsigned(self) -> Self:
        """Facts that no clinician has signed as they stand now."""
        return self.exclude(signed_digest=F("digest"))


class Fact(models.Model):
    """What the clinic states about a procedure, with its source: a page's words are read beside it."""

    procedure = models.ForeignKey(
        "procedures.Procedure", verbose_name=_("procedure"), on_delete=models.CASCADE, related_name="facts"
    )
    key = models.CharField(
        _("id"),
        max_length=12,
        validators=[RegexValidator(rf"\A{KEY}\Z", _("Write a letter, then letters and digits, like R8."))],
        help_text=_("Short, like R8. Pages name the fact by it, so it stays as it is."),
    )
    sentence = models.TextField(
        _("sentence"), max_length=1000, help_text=_("What is true, no stronger than the source. Keep its “may”.")
    )
    source = models.CharField(
        _("source"), max_length=300, help_text=_("Where it is from: a paper, a guideline, a page.")
    )
    # Of the file it was loaded from, as it was then; empty once somebody has written it.
    source_digest = models.CharField(max_length=64, blank=True, editable=False)
    # By the database: a signature holds for exactly this sentence and source, whatever changes them.
    digest = models.GeneratedField(
        expression=SHA256(Concat(SHA256("key"), SHA256("sentence"), SHA256("source"))),
        output_field=models.CharField(max_length=64),
        db_persist=True,
    )
    signed_digest = models.CharField(max_length=64, blank=True, editable=False)
    signed_by = models.CharField(_("signed by"), max_length=150, blank=True, editable=False)
    signed_on = models.DateField(_("signed on"), null=True, blank=True, editable=False)
    changed_at = models.DateTimeField(_("last changed"), default=timezone.now, editable=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ["procedure", "pk"]
        constraints = [
            models.UniqueConstraint(
                "procedure",
                "key",
                name="a_procedure_has_one_fact_of_an_id",
                violation_error_message=_("This procedure already has a fact with this id."),
            ),
            models.CheckConstraint(
                name="a_fact_is_signed_by_somebody_on_a_day",
                condition=Q(signed_digest="", signed_by="", signed_on=None)
                | ~Q(signed_digest="") & ~Q(signed_by="") & Q(signed_on__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.key}: {isolated(self.sentence)}"

    @property
    def is_signed(self) -> bool:
        return self.signed_digest == self.digest
