"""What changes several rows of the pages at once."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F

from procedures.models import Fact, Page, Revision, SignOff


class WordsChanged(Exception):
    """The words are no longer those that the signer has read."""


@transaction.atomic
def sign_off(
    *,
    revision: Revision,
    read_digest: str,
    added: dict[str, str],
    signed_by: str,
    signed_on: date,
    next_review: date,
    on_paper: bool,
    by: Any,
) -> SignOff:
    """
    Sign off the words with digest `read_digest`, after adding sections to them as {heading: plain words}.

    With additions the page's draft is what is signed. Raises WordsChanged when these are no longer the page's
    newest words.
    """
    Page.objects.select_for_update().get(pk=revision.page_id)
    newest = revision.page.newest()
    if newest is None or (newest.pk, newest.digest) != (revision.pk, read_digest):
        raise WordsChanged
    if added:
        revision = revision.page.save_draft(revision.words.with_sections(added), by=by)
    return revision.sign_offs.create(
        digest=revision.digest,
        signed_by=signed_by,
        signed_on=signed_on,
        next_review=next_review,
        on_paper=on_paper,
        entered_by=by,
    )


def sign_fact(*, fact: Fact, read_digest: str, signed_by: str, signed_on: date) -> None:
    """Sign the fact whose sentence and source have this digest. Raises WordsChanged when it has another by now."""
    signed = {"signed_digest": F("digest"), "signed_by": signed_by, "signed_on": signed_on}
    if not Fact.objects.filter(pk=fact.pk, digest=read_digest).update(**signed):
        raise WordsChanged
