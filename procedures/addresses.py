"""The address of a page that changes: the old one leads to the new one, and who links to it is named."""

import re
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction

from procedures import markdown
from procedures.models import OVERVIEW, OldAddress, Page


@transaction.atomic
def keep_old(page: Page, old: str) -> None:
    """Let the address that this page had lead to where it is now. A page of its own at an address comes first."""
    if old == page.get_absolute_url():
        return
    OldAddress.objects.update_or_create(path=old, defaults={"page": page})
    OldAddress.objects.filter(path=page.get_absolute_url()).delete()


def leads_to(path: str) -> str | None:
    """
    Where the page is that visitors looked for at this address, if they may see it.

    It had that address before, or it has it in small letters: who types it from a sheet does not know which.
    """
    pages = Page.objects.public().select_related("procedure")
    old = OldAddress.objects.filter(path__iexact=path, page__in=pages).select_related("page__procedure").first()
    if old:
        return old.page.get_absolute_url()
    if path == path.lower():
        return None
    named = re.fullmatch(r"/procedures/([^/]+)/(?:([^/]+)/)?", path)
    slugs = {"procedure__slug__iexact": named[1], "slug__iexact": named[2] or OVERVIEW} if named else {}
    found = pages.filter(**slugs).first() if slugs else None
    return found.get_absolute_url() if found and found.get_absolute_url() != path else None


def linking_to(path: str) -> list[Page]:
    """The pages whose words, those that visitors see or those that wait, link to this address."""
    return list(dict.fromkeys(page for page, _link in links_to(path)))


def links_to(path: str) -> Iterator[tuple[Page, str]]:
    """The links to this address in the words that visitors see, or that wait, each with its page."""
    for page in Page.objects.select_related("procedure").order_by("procedure", "position", "pk"):
        for words in filter(None, (page.live_revision(), page.newest())):
            yield from ((page, link) for link in markdown.links(words.body) if _path(link) == path)


def _path(link: str) -> str:
    return re.split(r"[?#]", link.removeprefix(settings.SITE_URL))[0]
