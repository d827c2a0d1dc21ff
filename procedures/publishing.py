"""A procedure that a content editor brings to visitors: begun with three empty drafts, shown by one press."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from procedures import content_files, empty, facts, markdown
from procedures.models import OVERVIEW, Page, Procedure, Revision, Words


class NotReady(Exception):
    """The procedure cannot be shown; `problems` says why, a sentence each."""

    def __init__(self, problems: list[str]):
        super().__init__(" ".join(problems))
        self.problems = problems


class NotSigned(Exception):
    """Visitors would read words that no clinician has signed, on these pages; `agreed` repeats that one means it."""

    def __init__(self, pages: list[Page], agreed: str):
        super().__init__(", ".join(page.label for page in pages))
        self.pages, self.agreed = pages, agreed


@dataclass(frozen=True)
class Part:
    """A page with the words that visitors read once its procedure is shown, and what keeps these from them."""

    page: Page
    words: Revision | None
    problems: list[str]

    @property
    def is_signed(self) -> bool:
        return bool(self.words and self.words.sign_off)


@transaction.atomic
def begin(procedure: Procedure, *, by: Any) -> None:
    """Give a new procedure its pages, each with a draft of the house's headings and nothing under them."""
    names = {"{Name}": procedure.name, "{name}": procedure.name_in_a_sentence}
    for file in sorted(content_files.SKELETON.glob("*.md")):
        found = content_files.read(file)
        words = Words(*(_named(part, names) for part in (found.words.title, found.words.lead, found.words.body)))
        procedure.pages.create(slug=found.slug, **found.about).save_draft(words, by=by)


def _named(text: str, names: dict[str, str]) -> str:
    for placeholder, name in names.items():
        text = text.replace(placeholder, name)
    return text


def parts(procedure: Procedure) -> list[Part]:
    """The procedure's pages in reading order: each with its live words or, where there are none yet, its draft."""
    found = []
    for page in procedure.pages.with_state().select_related("procedure").order_by("position", "pk"):
        words = page.live_revision() or page.draft()
        found.append(Part(page, words, _problems(page, words)))
    return found


def _problems(page: Page, words: Revision | None) -> list[str]:
    if words is None:
        return [_("Nothing is written that could be shown now.")]
    if words.published_at:
        return []
    said = [_("The lead is empty.")] if not words.lead else []
    found = (markdown.problem(words.body), facts.problem(words.body, page.procedure))
    return [*said, *empty.sentences(words.body), *filter(None, found)]


@transaction.atomic
def show(procedure: Procedure, *, agreed: str) -> None:
    """
    Let visitors see the procedure, with the drafts of those of its pages that have no live words.

    Raises NotReady and, unless `agreed` was said of these very words, NotSigned.
    """
    procedure = Procedure.objects.select_for_update().get(pk=procedure.pk)
    if procedure.is_published:
        return
    list(procedure.pages.select_for_update().order_by("pk"))
    found = parts(procedure)
    if problems := [f"{part.page.label}: {problem}" for part in found for problem in part.problems]:
        raise NotReady(problems)
    if not any(part.page.slug == OVERVIEW for part in found):
        raise NotReady([_("There is no page at the address “overview”: the procedure’s first page.")])
    unsigned = [part.page for part in found if not part.is_signed]
    key = sha256("".join(part.words.digest for part in found if part.words).encode()).hexdigest()
    if unsigned and agreed != key:
        raise NotSigned(unsigned, key)
    for part in found:
        if part.words and not part.words.published_at:
            part.words.publish()
    procedure.is_published = True
    procedure.save(update_fields=["is_published"])


def hide(procedure: Procedure) -> None:
    """Take the procedure from visitors. Its pages keep their words, and inquiries what they are about."""
    Procedure.objects.filter(pk=procedure.pk).update(is_published=False)
