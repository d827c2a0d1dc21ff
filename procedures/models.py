"""What the clinic offers: procedures, their pages, and every version of the words on them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

OVERVIEW = "overview"
# Addresses that mean something else beside the procedures, and beside a procedure's pages.
GLOSSARY = "glossary"
RESERVED_PROCEDURES = (GLOSSARY,)
RESERVED_PAGES = ("print",)


class ProcedureQuerySet(models.QuerySet):
    def published(self, language: str = "en") -> Self:
        """
        Procedures that visitors see, in the clinic's order: those with an overview to open in their language.

        Each has the `title` and the `lead` of that overview.
        """
        overview = Revision.objects.live().filter(
            page__procedure=OuterRef("pk"), page__slug=OVERVIEW, page__language=language
        )
        words = {name: Subquery(overview.values(name)[:1]) for name in ("title", "lead")}
        return self.filter(is_published=True).annotate(**words).exclude(title=None).order_by("position", "name")


class Procedure(models.Model):
    """A treatment offered."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    slug = models.SlugField(
        _("address"), max_length=60, unique=True, help_text=_("The last part of its address, like kyphoplasty.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Smaller comes first."))
    is_published = models.BooleanField(_("visitors can see it"), default=True)

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = _("procedure")
        verbose_name_plural = _("procedures")
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                name="a_procedure_takes_no_reserved_address",
                condition=~Q(slug__in=RESERVED_PROCEDURES),
                violation_error_message=_("This address is taken by another page of the site."),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("procedure", args=[self.slug])


@dataclass(frozen=True)
class Words:
    """What a page says: `title` and `lead` are plain text, `body` is Markdown (see procedures/markdown.py)."""

    title: str
    lead: str
    body: str


class PageQuerySet(models.QuerySet):
    def live(self) -> Self:
        """Pages with words that visitors see."""
        return self.filter(Exists(Revision.objects.live().filter(page=OuterRef("pk"))))

    def public(self) -> Self:
        """Live pages of published procedures, in reading order."""
        return self.live().filter(procedure__is_published=True).select_related("procedure").order_by("position", "pk")


class Page(models.Model):
    """One page of a procedure, or the glossary beside them all; what it says is in its revisions."""

    procedure = models.ForeignKey(
        Procedure, on_delete=models.CASCADE, related_name="pages", null=True, blank=True, verbose_name=_("procedure")
    )
    slug = models.SlugField(
        _("address"), max_length=60, default=OVERVIEW, help_text=_("The procedure's first page is called overview.")
    )
    language = models.CharField(_("language"), max_length=12, default="en")
    label = models.CharField(_("name in menus"), max_length=60, help_text=_("Short, like Recovery."))
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Smaller comes first."))

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
        return f"{self.procedure}: {self.label}" if self.procedure else self.label

    def get_absolute_url(self) -> str:
        if self.procedure is None:
            return reverse("glossary")
        if self.slug == OVERVIEW:
            return self.procedure.get_absolute_url()
        return reverse("procedure_page", args=[self.procedure.slug, self.slug])

    def live_revision(self) -> "Revision | None":
        return self.revisions.live().first()

    def draft(self) -> "Revision | None":
        return self.revisions.filter(published_at=None).first()

    def save_draft(self, words: Words, *, by: Any = None) -> "Revision":
        """Keep these words for later, in the page's one draft."""
        said = {"title": words.title, "lead": words.lead, "body": words.body, "created_by": by}
        return self.revisions.update_or_create(published_at=None, defaults=said)[0]

    def publish(self, words: Words, *, by: Any = None, source_digest: str = "") -> "Revision":
        """Make these words the page's live revision; all earlier ones are kept."""
        return self.revisions.create(
            title=words.title,
            lead=words.lead,
            body=words.body,
            created_by=by,
            source_digest=source_digest,
            published_at=timezone.now(),
        )


class RevisionQuerySet(models.QuerySet):
    def live(self) -> Self:
        """Revisions that have been published, the one that visitors see first."""
        return self.filter(published_at__lte=timezone.now()).order_by("-published_at", "-pk")


class Revision(models.Model):
    """One version of a page's words: its draft, or one that was or will be published and is never changed again."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="revisions")
    title = models.CharField(_("title"), max_length=150)
    lead = models.CharField(_("lead"), max_length=300)
    body = models.TextField(_("body"), max_length=50_000)
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, blank=True, on_delete=models.SET_NULL
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    # Of the file these words were loaded from; empty when a person wrote them.
    source_digest = models.CharField(max_length=64, blank=True, editable=False)

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

    @property
    def words(self) -> Words:
        return Words(self.title, self.lead, self.body)
