from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ProofQuerySet(models.QuerySet["Proof"]):
    def latest_of(self, *kinds: "ProofKind") -> dict[str, "Proof"]:
        """The newest proof of each of these kinds, by its kind; one statement."""
        rows = self.filter(kind__in=kinds).order_by("kind", "-proved_at", "-pk").distinct("kind")
        return {row.kind: row for row in rows}


class ProofKind(models.TextChoices):
    """What somebody or something proved of this site. A backup and a drill write theirs once they were compared."""

    BACKUP = "backup", _("A backup was restored and compared")
    RESTORE_DRILL = "restore_drill", _("A backup was restored into a new database server")
    TEST_MAIL = "test_mail", _("A test mail came back")
    NOTHING_TO_BRING_IN = "nothing_to_bring_in", _("There are no appointments to bring in")
    READY = "ready", _("The site is ready for patients")


class Proof(models.Model):
    """
    That something was proved, and when: rows are only added, and the newest of a kind counts.

    A command writes one with Proof.objects.create(kind=ProofKind.BACKUP, about="what was proved").
    """

    kind = models.CharField(_("what was proved"), max_length=20, choices=ProofKind)
    proved_at = models.DateTimeField(_("when"), default=timezone.now)
    # Of a backup its name, of a test mail the server that it went through. Nothing about a patient.
    about = models.CharField(_("of what"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("by"), null=True, blank=True, related_name="+"
    )

    objects: Any = ProofQuerySet.as_manager()

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")
        default_permissions = ()
        indexes = [models.Index(fields=["kind", "-proved_at"], name="newest_proof_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.proved_at:%Y-%m-%d}"
