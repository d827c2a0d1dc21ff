"""The address of a page that changes: the old one leads to the new one, and who links to it is named."""

import re

from django.conf import settings
from django.db import transaction

from procedures import markdown
from procedures.models import OldAddress, Page


@transaction.atomic
def keep_old(page: Page, old: str) -> None:
    """Let the address that this page had lead to where it is now. A page of its own at an address comes first."""
    if old == page.get_absolute_url():
        return
    OldAddress.objects.update_or_create(path=old, defaults={"page": page})
    OldAddress.objects.filter(path=page.get_absolute_url()).delete()


def leads_to(path: str) -> str | None:
    """Where the page is that visitors looked for at this address before, if they may see it."""
    old = OldAddress.objects.filter(path=path, page__in=Page.objects.public()).select_related("page__procedure").first()
    return old.page.get_absolute_url() if old else None


def linking_to(path: str) -> list[Page]:
    """The pages whose words, those that visitors see or those that wait, link to this address."""
    found = []
    for page in Page.objects.select_related("procedure").order_by("procedure", "position", "pk"):
        words = filter(None, (page.live_revision(), page.newest()))
        if any(_path(link) == path for each in words for link in markdown.links(each.body)):
            found.append(page)
    return found


def _path(link: str) -> str:
    return re.split(r"[?#]", link.removeprefix(settings.SITE_URL))[0]
