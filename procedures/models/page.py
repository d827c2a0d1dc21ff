from datetime import date, datetime
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.languages import SITE_LANGUAGE
from clinic.typed_text import isolated
from procedures.models.revision import Revision, Words
from procedures.models.sign_off import SignOff

OVERVIEW = "overview"
GLOSSARY = "glossary"
# An address that means something else beside a procedure's pages.
RESERVED_PAGES = ("print",)


class PageQuerySet(models.QuerySet):
    def live(self) -> Self:
        """Pages with words that visitors see."""
        return self.filter(Exists(Revision.objects.live().filter(page=OuterRef("pk"))))

    def public(self) -> Self:
        """Live pages of published procedures, in reading order."""
        return self.live().filter(procedure__is_published=True).select_related("procedure").order_by("position", "pk")

    def with_state(self) -> Self:
        """
        Pages with the state of their words.

        `is_live`, `has_draft`, `draft_signed` and `planned_signed` are booleans. `planned_for` is when newer words
        will show; `signed_by`, `signed_on` and `review_due` come from the sign-off of the live words: these are None
        when no words are planned, or signed.
        """
        revisions = Revision.objects.filter(page=OuterRef("pk"))
        drafts = revisions.filter(published_at=None)
        planned = revisions.filter(published_at__gt=timezone.now()).order_by("published_at")
        signed = SignOff.objects.in_force().filter(revision=OuterRef("live_revision_id"))
        return self.annotate(
            live_revision_id=Subquery(revisions.live().values("pk")[:1]),
            is_live=Q(live_revision_id__isnull=False),
            has_draft=Exists(drafts),
            draft_signed=Exists(SignOff.objects.in_force().filter(revision__in=drafts.values("pk"))),
            planned_signed=Exists(SignOff.objects.in_force().filter(revision__in=planned.values("pk"))),
            planned_for=Subquery(planned.values("published_at")[:1]),
            signed_by=Subquery(signed.values("signed_by")[:1]),
            signed_on=Subquery(signed.values("signed_on")[:1]),
            review_due=Subquery(signed.values("next_review")[:1]),
        )

    def without_valid_sign_off(self, today: date) -> Self:
        """Live pages whose words no clinician has signed off, or whose next review was due before `today`."""
        return self.with_state().filter(Q(signed_on=None) | Q(review_due__lt=today), is_live=True)


class Page(models.Model):
    """One page of a procedure, or the glossary beside them all; what it says is in its revisions."""

    procedure = models.ForeignKey(
        "procedures.Procedure",
        on_delete=models.CASCADE,
        related_name="pages",
        null=True,
        blank=True,
        verbose_name=_("procedure"),
    )
    slug = models.SlugField(
        _("address"), max_length=60, default=OVERVIEW, help_text=_("The procedure's first page is called overview.")
    )
    language = models.CharField(_("language"), max_length=12, default=SITE_LANGUAGE)
    label = models.CharField(_("name in menus"), max_length=60, help_text=_("Short, like Recovery."))
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Smaller comes first."))

    # Known only of pages from with_state().
    is_live: bool
    has_draft: bool
    draft_signed: bool
    planned_signed: bool
    planned_for: datetime | None
    signed_by: str | None
    signed_on: date | None
    review_due: date | None

    objects = PageQuerySet.as_manager()

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["procedure", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                "procedure",
                "slug",
                "language",
                name="a_procedure_has_one_page_of_an_address_and_language",
                nulls_distinct=False,
                violation_error_message=_("This procedure already has a page at this address in this language."),
            ),
            models.CheckConstraint(
                name="only_the_glossary_belongs_to_no_procedure",
                condition=Q(procedure__isnull=False) | Q(slug=GLOSSARY),
                violation_error_message=_("Choose the procedure that this page is about."),
            ),
            models.CheckConstraint(
                name="a_page_takes_no_reserved_address",
                condition=~Q(slug__in=RESERVED_PAGES),
                violation_error_message=_("This address is taken by another page of the site."),
            ),
        ]

    def __str__(self):
        label = isolated(self.label)
        return f"{self.procedure}: {label}" if self.procedure else label

    def get_absolute_url(self) -> str:
        if self.procedure is None:
            return reverse("glossary")
        if self.slug == OVERVIEW:
            return self.procedure.get_absolute_url()
        return reverse("procedure_page", args=[self.procedure.slug, self.slug])

    def live_revision(self) -> Revision | None:
        return self.revisions.live().with_sign_off().first()

    def planned(self) -> Revision | None:
        """The next words that will show by themselves."""
        return self.revisions.filter(published_at__gt=timezone.now()).order_by("published_at").first()

    def newest(self) -> Revision | None:
        """What an editor goes on with: the draft, else what is planned, else what visitors see."""
        return self.draft() or self.planned() or self.live_revision()

    def draft(self) -> Revision | None:
        return self.revisions.filter(published_at=None).first()

    def save_draft(self, words: Words, *, by: Any = None) -> Revision:
        """Keep these words for later, in the page's one draft."""
        said = {
            "title": words.title,
            "lead": words.lead,
            "body": words.body,
            "created_by": by,
            "created_at": timezone.now(),
        }
        return self.revisions.update_or_create(published_at=None, defaults=said)[0]

    @transaction.atomic
    def go_back_to(self, revision: Revision, *, by: Any = None) -> Revision:
        """Make the words of an earlier revision the live ones again; what was signed then was these words."""
        again = self.publish(revision.words, by=by)
        for sign_off in revision.sign_offs.in_force():
            sign_off.pk, sign_off.revision, sign_off._state.adding = None, again, True
            sign_off.save()
        return again

    def publish(self, words: Words, *, by: Any = None, source_digest: str = "") -> Revision:
        """Make these words the page's live revision; all earlier ones are kept."""
        return self.revisions.create(
            title=words.title,
            lead=words.lead,
            body=words.body,
            created_by=by,
            source_digest=source_digest,
            published_at=timezone.now(),
        )
