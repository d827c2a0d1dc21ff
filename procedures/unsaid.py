"""
What the clinic's facts are silent about, and a physician would not be.

A clinician is asked to write about it, page by page, under the headings here. Until that is signed, patients read the
question, and how to ask it: never an answer.
"""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from procedures import markdown
from procedures.models import OVERVIEW, Revision

# Headings that a page's clinician is asked for.
HEADINGS = {
    OVERVIEW: (
        _("Without it"),
        _("Other treatments, side by side"),
        _("How sure we are"),
        _("Who should not have it"),
        _("How long it takes"),
        _("Who does it here"),
        _("What it costs"),
    ),
    "benefits": (_("Other risks"), _("How long it lasts")),
    "recovery": (
        _("Preparation"),
        _("Your medicines"),
        _("What hurts afterwards"),
        _("The wound"),
        _("Washing"),
        _("Lifting"),
        _("Driving"),
        _("Work"),
        _("Warning signs"),
    ),
}
ALL_HEADINGS = tuple(heading for headings in HEADINGS.values() for heading in headings)

# What a page says that it does not say, each with the heading under which a clinician answers it on any of the pages.
QUESTIONS = {
    OVERVIEW: (
        (_("Without it"), _("what happens if you do not have it")),
        (_("Preparation"), _("how to prepare")),
        (_("Your medicines"), _("which of your medicines matter")),
        (_("How long it takes"), _("how long it takes")),
        (_("Who should not have it"), _("who should not have it")),
        (_("What it costs"), _("what it costs")),
    ),
    "benefits": (
        (_("Other risks"), _("which other risks there are")),
        (_("How long it lasts"), _("how long it lasts")),
    ),
    "recovery": (
        (_("Preparation"), _("how to prepare")),
        (_("What hurts afterwards"), _("what may hurt afterwards")),
        (_("The wound"), _("how to look after the wound")),
        (_("Washing"), _("when you can shower or bathe")),
        (_("Lifting"), _("how much you can lift")),
        (_("Driving"), _("when you can drive")),
        (_("Work"), _("when you can work")),
        (_("Warning signs"), _("which signs you should call us about")),
    ),
}


def headings(page: str) -> tuple[Promise, ...]:
    """The headings for the page with this slug; all of them for one that we know nothing of."""
    return HEADINGS.get(page, ALL_HEADINGS)


def questions(page: str, revisions: Iterable[Revision]) -> list[Promise]:
    """What the page with this slug does not say: signed `revisions` of the procedure's pages answer some of it."""
    answered: set[str] = set()
    for revision in revisions:
        if revision.sign_off:
            answered |= markdown.headings(revision.body, signed=True)
    return [asked for heading, asked in QUESTIONS.get(page, ()) if str(heading).casefold() not in answered]
