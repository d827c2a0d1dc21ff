"""What the staff's screens say about where a page's words stand; pages come from `with_state()`."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.sentences import ended
from clinic.typed_text import isolated
from procedures.models import Fact, Page, Procedure, Revision, SignOff


def review(page: Page) -> str:
    """What a clinician has said about the words that visitors see."""
    if page.signed_on is None or page.review_due is None:
        return _("Not yet reviewed by a clinician")
    who = isolated(page.signed_by or "")
    said = {"who": who, "when": date_format(page.signed_on), "due": date_format(page.review_due)}
    if review_is_overdue(page):
        return _("Review was due %(due)s; last signed off by %(who)s on %(when)s") % said
    return _("Signed off by %(who)s on %(when)s; next review due %(due)s") % said


def state(page: Page) -> str:
    """Where the page's words stand, in one line."""
    return f"{ended(review(page))} {ended(waiting(page))}"


def shown(procedure: Procedure) -> str:
    return _("Visitors see this procedure.") if procedure.is_published else _("Visitors do not see this procedure.")


def waiting(page: Page) -> str:
    """What is written that visitors do not see yet."""
    said = []
    if page.has_draft:
        signed = _("A signed draft waits to be published")
        said.append(signed if page.draft_signed else _("There is a draft that visitors do not see yet"))
    if page.planned_for:
        when = date_format(timezone.localtime(page.planned_for), "N j, Y, P")
        said.append(_("New words show from %s") % when)
    if not said and page.is_live and page.procedure and not page.procedure.is_published:
        return _("Visitors see it once the procedure is shown")
    return ". ".join(said) or (_("Visitors see the newest words") if page.is_live else _("Nothing is written yet"))


def review_is_overdue(page: Page) -> bool:
    return page.review_due is not None and page.review_due < timezone.localdate()


def wants_somebody(page: Page) -> bool:
    """Whether an editor or a clinician has something to do here."""
    planned_unsigned = page.planned_for is not None and not page.planned_signed
    return page.has_draft or planned_unsigned or not page.is_live or not page.signed_on or review_is_overdue(page)


def to_sign(page: Page) -> str:
    """Why a clinician's signature is wanted here; nothing where none is."""
    if page.has_draft and not page.draft_signed:
        return _("a draft")
    if page.planned_for and not page.planned_signed:
        return _("planned words")
    if page.is_live and not page.signed_on:
        return _("never signed")
    return _("the review is due") if review_is_overdue(page) else ""


def signature(fact: Fact) -> str:
    """What a clinician has said about the fact as it stands."""
    if fact.signed_on is None:
        return _("No clinician has signed this fact")
    said = {"who": isolated(fact.signed_by), "when": date_format(fact.signed_on)}
    if not fact.is_signed:
        return _("Changed since %(who)s signed it on %(when)s: it waits for a new signature") % said
    return _("Signed by %(who)s on %(when)s") % said


def fact(fact: Fact) -> str:
    """The fact as it stands beside the words that tell it: its sentence, its source, and whose word it is."""
    source = _("Source: %s") % fact.source
    return f"{ended(fact.sentence)} ({ended(source)} {ended(signature(fact))})"


def replaced(sign_off: SignOff) -> str:
    """What is said before words that nobody signed replace those of this signature."""
    said = {"who": isolated(sign_off.signed_by), "when": date_format(sign_off.signed_on)}
    return (
        _("A clinician signed the words that this replaces: %(who)s, on %(when)s. The new words are not signed.") % said
    )


def writer(revision: Revision) -> str:
    if revision.created_by:
        return revision.created_by.get_full_name() or str(revision.created_by)
    return _("the site’s own file") if revision.source_digest else _("somebody whose account is gone")


def version(revision: Revision, live: Revision | None) -> str:
    """Which version this is: "Live since Nov. 3, 2026, 9 a.m., by Ann"."""
    if revision.published_at is None:
        return _("The draft, by %s") % writer(revision)
    said = {"when": date_format(timezone.localtime(revision.published_at), "N j, Y, P"), "who": writer(revision)}
    if revision.is_planned:
        return _("Planned for %(when)s, by %(who)s") % said
    if revision == live:
        return _("Live since %(when)s, by %(who)s") % said
    return _("Published %(when)s, by %(who)s") % said
