"""What staff read of links where a page's address or its headings change."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext

from procedures import addresses, anchors
from procedures.models import Page


def say_that_it_moved(request: HttpRequest, page: Page, old: str) -> None:
    """Keep the address that a page had before, and name the pages that link to it."""
    if old == page.get_absolute_url():
        return
    addresses.keep_old(page, old)
    words = gettext("%(old)s leads to the new address now.") % {"old": old}
    if linking := addresses.linking_to(old):
        names = ", ".join(str(each) for each in linking)
        words += " " + gettext("These pages still link to the old one: %(pages)s.") % {"pages": names}
    messages.warning(request, words)


def say_what_leads_nowhere(request: HttpRequest, page: Page, before: str, after: str) -> None:
    """Name the pages that link to a heading that these words of the page no longer have."""
    leading = dict.fromkeys(f"{other} (#{at})" for other, at in anchors.leading_to_lost(page, before, after))
    if leading:
        words = gettext("These pages link to a heading that is not there any longer: %(pages)s.")
        messages.warning(request, words % {"pages": ", ".join(leading)})
