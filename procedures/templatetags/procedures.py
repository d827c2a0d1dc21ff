import json
from collections.abc import Sequence
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from clinic.as_read import AsRead
from clinic.practice import Practice
from procedures import figures, markdown, reading, wording
from procedures import structured_data as structured_data_module
from procedures.models import Fact, Page, Procedure, Revision

register = template.Library()

LISTED_FROM = 4


@register.filter
def words(revision: Revision) -> SafeString:
    """The revision's body as visitors read it."""
    return markdown.render(revision.body, signed=bool(revision.sign_off))


@register.filter
def opening(revision: Revision) -> SafeString:
    """What stands before the list of contents."""
    return markdown.render(markdown.split(revision.body)[0], signed=bool(revision.sign_off))


@register.filter
def words_after_opening(revision: Revision) -> SafeString:
    return markdown.render(markdown.split(revision.body)[1], signed=bool(revision.sign_off))


@register.filter
def contents(revision: Revision) -> tuple[tuple[str, str], ...]:
    """The headings after the opening, where they are enough for a list; a short page is its own list."""
    found = markdown.contents(markdown.split(revision.body)[1], signed=bool(revision.sign_off))
    return found if len(found) >= LISTED_FROM else ()


@register.simple_tag
def structured_data(shown: reading.Shown, practice: Practice) -> SafeString:
    """The page's JSON-LD: data in a script element, which no browser runs."""
    page: Any = shown.page  # It has a procedure: the glossary, which has none, has no such data.
    return _as_script(structured_data_module.page(page.procedure, page, shown.revision, practice))


@register.simple_tag
def clinic_data(practice: Practice) -> SafeString:
    """The clinic's JSON-LD, for pages about itself."""
    return _as_script(structured_data_module.graph(structured_data_module.clinic(practice)))


def _as_script(data: dict[str, Any]) -> SafeString:
    # The signs that could end the element, as in Django's json_script.
    text = json.dumps(data, ensure_ascii=False).translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"})
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308


@register.simple_tag
def published_procedures() -> AsRead[Procedure]:
    """The procedures that visitors see, in the clinic's order."""
    return Procedure.objects.published()


@register.simple_tag
def pages_of_the_only_one(procedures: Sequence[Any]) -> Sequence[Revision]:
    """The live revisions of the one published procedure; nothing from two on."""
    return reading.live_revisions(procedures[0].slug) if len(procedures) == 1 else ()


@register.inclusion_tag("procedures/_doors.html")
def procedure_doors(procedures: Sequence[Any], revisions: Sequence[Revision]) -> dict[str, object]:
    """The one published procedure with a door to each of its pages; from two on, a card for each procedure."""
    if len(procedures) != 1:
        return {"procedures": procedures}
    [procedure] = procedures
    # The drawings on doors use the parts of one of ours that stands above them.
    drawn = bool(figures.svg(procedure.drawing or ""))
    return {"procedure": procedure, "revisions": revisions, "drawn": drawn}


@register.simple_tag
def first_drawing(procedures: Sequence[Any]) -> SafeString:
    """The first drawing of the first procedure's overview, with the parts that it uses; empty where it has none."""
    return figures.alone(procedures[0].drawing or "") if procedures else SafeString()


@register.simple_tag
def door_drawing(slug: str) -> SafeString:
    """The small drawing on the door to a page; empty where that page has none."""
    return figures.on_door(slug)


@register.inclusion_tag("admin/procedures/_pages_to_review.html", takes_context=True)
def pages_to_review(context: Context) -> dict[str, object]:
    """The pages that want a clinician or an editor, for the first page of those who may see them."""
    if not context["request"].user.has_perm("procedures.view_page"):
        return {}
    pages = Page.objects.with_state().select_related("procedure")
    return {
        "rows": [(page, wording.state(page)) for page in pages if wording.wants_somebody(page)],
        "facts": Fact.objects.unsigned().count(),
        "may_see": True,
    }
