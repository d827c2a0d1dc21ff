from typing import Any, Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.query import RawQuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from procedures.models.page import GLOSSARY, OVERVIEW
from procedures.models.revision import Revision

# An address that means something else beside the procedures.
RESERVED_PROCEDURES = (GLOSSARY,)


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

    def to_choose(self, language: str = "en") -> "RawQuerySet[Any]":
        """The same without the words, for the form: as SQL, since making it of querysets takes five times as long."""
        now, names = timezone.now(), {"overview": OVERVIEW, "language": language}
        return self.raw(_TO_CHOOSE, {"now": now, **names})


_TO_CHOOSE = """
    SELECT * FROM procedures_procedure AS procedure
    WHERE is_published AND EXISTS (
        SELECT FROM procedures_page AS page JOIN procedures_revision AS revision ON revision.page_id = page.id
        WHERE page.procedure_id = procedure.id AND page.slug = %(overview)s AND page.language = %(language)s
            AND revision.published_at <= %(now)s
    )
    ORDER BY position, name
"""


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
