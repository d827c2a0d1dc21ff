from functools import lru_cache
from typing import Any

from django.db import connection, models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.as_read import AsRead
from clinic.languages import SITE_LANGUAGE
from clinic.typed_text import isolated
from procedures.models.page import GLOSSARY, OVERVIEW

# An address that means something else beside the procedures.
RESERVED_PROCEDURES = (GLOSSARY,)


class ProcedureQuerySet(models.QuerySet):
    def published(self, language: str = SITE_LANGUAGE) -> "AsRead[Procedure]":
        """
        Procedures that visitors see, in the clinic's order: those with an overview to open in their language.

        Each has the `title` and the `lead` of that overview, and the name of its first `drawing`, or None.
        """
        with connection.cursor() as cursor:
            cursor.execute(_PUBLISHED, {"now": timezone.now(), "overview": OVERVIEW, "language": language})
            return _made(tuple(cursor.fetchall()))


class Procedure(models.Model):
    """A treatment offered."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    slug = models.SlugField(
        _("address"), max_length=60, unique=True, help_text=_("The last part of its address, like kyphoplasty.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Smaller comes first."))
    is_surgery = models.BooleanField(
        _("it is surgery"),
        default=False,
        # Processes of the release before, which know no such column, add procedures while an upgrade runs.
        db_default=False,
        help_text=_("Search engines are told so; otherwise they read “procedure”."),
    )
    # One press in the admin sets it, which asks first where no clinician has signed the words.
    is_published = models.BooleanField(_("visitors can see it"), default=False)

    # Known only of procedures from published().
    title: str
    lead: str
    drawing: str | None

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
        return isolated(self.name)

    @property
    def name_in_a_sentence(self) -> str:
        """The name as it stands inside a sentence: “kyphoplasty”, but “MRI scan”."""
        return self.name if self.name[1:2].isupper() else self.name[:1].lower() + self.name[1:]

    def get_absolute_url(self) -> str:
        return reverse("procedure", args=[self.slug])


# As SQL, since making it of querysets takes five times as long. The columns stand in the order of the fields.
_FIELDS = Procedure._meta.concrete_fields
_PUBLISHED = f"""
    SELECT {", ".join(f"procedure.{each.column}" for each in _FIELDS)}, words.title, words.lead,
        substring(words.body FROM ':::+ *drawing +([a-z0-9-]+)') AS drawing
    FROM procedures_procedure AS procedure
    JOIN procedures_page AS page
        ON page.procedure_id = procedure.id AND page.slug = %(overview)s AND page.language = %(language)s
    JOIN LATERAL (
        SELECT title, lead, body FROM procedures_revision WHERE page_id = page.id AND published_at <= %(now)s
        ORDER BY published_at DESC, id DESC LIMIT 1
    ) AS words ON true
    WHERE procedure.is_published
    ORDER BY procedure.position, procedure.name
"""  # noqa: S608  (Names of ours.)


# Made once, as long as the database says the same: to make them takes longer than to read them.
@lru_cache(maxsize=8)
def _made(rows: tuple[tuple[Any, ...], ...]) -> AsRead[Procedure]:
    return AsRead(rows, map(_with_words, rows))


def _with_words(row: tuple[Any, ...]) -> Procedure:
    *values, title, lead, drawing = row
    made = Procedure.from_db(connection.alias, [each.attname for each in _FIELDS], values)
    made.title, made.lead, made.drawing = title, lead, drawing
    return made
