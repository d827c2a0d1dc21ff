"""The words of a procedure's pages, as visitors read them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise

from clinic.as_read import AsRead
from clinic.languages import SITE_LANGUAGE
from procedures import unsaid
from procedures.models import OVERVIEW, Page, Procedure, Revision, SignOff


@dataclass(frozen=True)
class Shown:
    """A page as visitors read it: the one at this `place` of the `live` revisions of its procedure."""

    live: AsRead[Revision]
    place: int

    @property
    def revision(self) -> Revision:
        return self.live[self.place]

    @property
    def page(self) -> Page:
        return self.revision.page

    @property
    def pages(self) -> list[Page]:
        """All of the procedure's, in reading order."""
        return [each.page for each in self.live]

    @property
    def previous(self) -> Page | None:
        return self.pages[self.place - 1] if self.place else None

    @property
    def next(self) -> Page | None:
        return self.pages[self.place + 1] if self.place + 1 < len(self.live) else None

    @property
    def is_overview(self) -> bool:
        return self.page.slug == OVERVIEW

    @property
    def unsaid(self) -> list[Promise]:
        """What it does not say: questions to ask us."""
        return unsaid.questions(self.page.slug, self.live)


def live_revisions(procedure: str, language: str = SITE_LANGUAGE) -> AsRead[Revision]:
    """
    The live revisions of a published procedure's pages, in reading order: each with its `page` and its `sign_off`.

    `procedure` is the slug. They are those of `Page.objects.public()` and `page.live_revision()`, with one statement.
    """
    asked: dict[str, Any] = {"procedure": procedure, "language": language, "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(_LIVE_REVISIONS, asked)
        return _made(tuple(cursor.fetchall()))


# Made once, as long as the database says the same: to make them takes longer than to read them.
@lru_cache(maxsize=32)
def _made(rows: tuple[tuple[Any, ...], ...]) -> AsRead[Revision]:
    return AsRead(rows, map(_with_page, rows))


def _with_page(row: tuple[Any, ...]) -> Revision:
    of_revision, of_page, of_procedure, of_sign_off = row[:_N], row[_N : _N + 4], row[_N + 4 : _N + 8], row[_N + 8 :]
    revision = Revision.from_db(connection.alias, [each.attname for each in _FIELDS], of_revision)
    procedure = Procedure(**dict(zip(("pk", "name", "slug", "is_surgery"), of_procedure, strict=True)))
    page = dict(zip(("pk", "slug", "language", "label"), of_page, strict=True))
    revision.page = Page(procedure=procedure, **page)
    signed = dict(zip(("pk", "signed_by", "signed_on", "next_review"), of_sign_off, strict=True))
    revision.sign_off = SignOff(revision=revision, **signed) if signed["pk"] else None
    return revision


# As SQL, since making it of querysets takes ten times as long as reading what it finds. The columns stand in the order
# of the fields.
_FIELDS = Revision._meta.concrete_fields
_N = len(_FIELDS)
_LIVE_REVISIONS = f"""
    SELECT {", ".join(f"revision.{each.column}" for each in _FIELDS)}, page.id, page.slug, page.language, page.label,
        procedure.id, procedure.name, procedure.slug, procedure.is_surgery,
        sign_off.id, sign_off.signed_by, sign_off.signed_on, sign_off.next_review
    FROM procedures_procedure AS procedure
    JOIN procedures_page AS page ON page.procedure_id = procedure.id AND page.language = %(language)s
    JOIN LATERAL (
        SELECT * FROM procedures_revision WHERE page_id = page.id AND published_at <= %(now)s
        ORDER BY published_at DESC, id DESC LIMIT 1
    ) AS revision ON true
    LEFT JOIN LATERAL (
        SELECT * FROM procedures_signoff WHERE revision_id = revision.id AND digest = revision.digest
        ORDER BY signed_on DESC, id DESC LIMIT 1
    ) AS sign_off ON true
    WHERE procedure.slug = %(procedure)s AND procedure.is_published
    ORDER BY page.position, page.id
"""  # noqa: S608  (Names of ours.)
