from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models.inquiry import Inquiry


class AccessAction(models.TextChoices):
    READ = "read", _("Read")
    SEARCHED = "searched", _("Searched")
    EXPORTED = "exported", _("Exported")
    PRINTED = "printed", _("Printed")


class AccessLog(models.Model):
    """
    That somebody of staff saw a record, or found some by a search. Ids alone: erasing a patient has nothing to do here.

    A trigger refuses to change or delete a row. The ids have no constraint in the database: an insert would lock the
    inquiry's row, and a page would wait for who works on it.
    """

    at = models.DateTimeField(_("when"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    action = models.CharField(_("what"), max_length=8, choices=AccessAction)
    inquiry = models.ForeignKey(
        Inquiry, verbose_name=_("inquiry"), null=True, on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    hits = models.PositiveIntegerField(_("number of records"), null=True)

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        ordering = ["pk"]
        permissions = [("export_lists", _("Can take a list along as a file"))]
        indexes = [
            models.Index(fields=["inquiry", "at"], name="accesses_to_an_inquiry"),
            models.Index(fields=["actor", "at"], name="accesses_of_somebody"),
            models.Index(fields=["at"], name="accesses_by_day"),
        ]
        constraints = [
            models.CheckConstraint(
                name="an_access_names_a_record_or_counts_some",
                condition=Q(inquiry__isnull=False, hits=None) | Q(inquiry=None, hits__isnull=False),
            )
        ]

    def __str__(self):
        return f"{self.get_action_display()} {self.at:%Y-%m-%d %H:%M}"


class AccessLogDay(models.Model):
    """How many accesses a day (UTC) had, and their hash; each holds the hash of the day before, like a chain."""

    day = models.DateField(primary_key=True)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["day"]

    def __str__(self):
        return f"{self.day}: {self.number}"
