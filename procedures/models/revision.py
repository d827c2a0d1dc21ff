from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.digests import SHA256
from procedures.models.sign_off import SignOff
from procedures.sections import added


@dataclass(frozen=True)
class Words:
    """What a page says: `title` and `lead` are plain text, `body` is Markdown (see procedures/markdown.py)."""

    title: str
    lead: str
    body: str

    def with_sections(self, sections: dict[str, str]) -> "Words":
        """These words with, under a heading each, what shows only once a clinician has signed it."""
        body = self.body
        for heading, said in sections.items():
            body = added(body, heading, said)
        return replace(self, body=body)


class RevisionQuerySet(models.QuerySet):
    def with_signature(self) -> Self:
        """Revisions with `signed_by`, the name under their words, or None."""
        signed = SignOff.objects.in_force().filter(revision=OuterRef("pk"))
        return self.annotate(signed_by=Subquery(signed.values("signed_by")[:1]))

    def live(self) -> Self:
        """Revisions that have been published, the one that visitors see first."""
        return self.filter(published_at__lte=timezone.now()).order_by("-published_at", "-pk")

    def with_sign_off(self) -> Self:
        """Live revisions with their `sign_off`, in one query."""
        in_force = FilteredRelation("sign_offs", condition=Q(sign_offs__digest=F("digest")))
        newest = [*self.query.order_by, "-in_force__signed_on", "-in_force__pk"]
        return self.annotate(in_force=in_force).select_related("in_force").order_by(*newest)

    def newest_first(self) -> Self:
        """All versions: the draft, what is planned, what is live, and what was."""
        return self.order_by(F("published_at").desc(nulls_first=True), "-pk")


class Revision(models.Model):
    """One version of a page's words: its draft, or one that was or will be published and is never changed again."""

    page = models.ForeignKey("procedures.Page", on_delete=models.CASCADE, related_name="revisions")
    title = models.CharField(_("title"), max_length=150)
    lead = models.CharField(_("lead"), max_length=300)
    body = models.TextField(_("body"), max_length=50_000)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, blank=True, on_delete=models.SET_NULL
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    # Of the file these words were loaded from; empty when a person wrote them.
    source_digest = models.CharField(max_length=64, blank=True, editable=False)
    # Of the words themselves, by the database: a sign-off holds for exactly these words, whatever changes them.
    digest = models.GeneratedField(
        expression=SHA256(Concat(SHA256("title"), SHA256("lead"), SHA256("body"))),
        output_field=models.CharField(max_length=64),
        db_persist=True,
    )

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints = [
            models.UniqueConstraint(fields=["page"], condition=Q(published_at=None), name="a_page_has_one_draft")
        ]
        indexes = [models.Index(fields=["page", "-published_at"], name="live_revision_of_a_page")]

    def __str__(self):
        return f"{self.page}, {self.created_at:%Y-%m-%d %H:%M}"

    def publish(self, *, at: datetime | None = None) -> None:
        """Let visitors see a draft, now or from a time on. Raises ValueError for what is published already."""
        if self.published_at:
            raise ValueError("published already")
        self.published_at = at or timezone.now()
        self.save(update_fields=["published_at"])

    def withdraw(self) -> None:
        """Make a planned revision the page's draft again. Raises ValueError for one that has been seen."""
        if not self.is_planned:
            raise ValueError("not planned")
        self.published_at = None
        self.save(update_fields=["published_at"])

    @property
    def is_planned(self) -> bool:
        return self.published_at is not None and self.published_at > timezone.now()

    @property
    def has_been_live(self) -> bool:
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def words(self) -> Words:
        return Words(self.title, self.lead, self.body)

    @cached_property
    def sign_off(self) -> SignOff | None:
        """The newest sign-off of these very words; with_sign_off() brought it along."""
        try:
            return self.in_force  # type: ignore[attr-defined]
        except AttributeError:
            return self.sign_offs.in_force().first()
