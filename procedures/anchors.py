"""Links to a heading of another page of a procedure: whether it is there, and who leads to one that is gone."""

from collections.abc import Iterator
from urllib.parse import unquote

from procedures import addresses, markdown
from procedures.models import Page

# Parts of the pages themselves, which no editor writes.
_OF_THE_PAGE = frozenset(["", "contact", "main"])


def is_there(page: Page, at: str) -> bool:
    """Whether the page has a heading at this address, in the words that visitors see or in those that wait."""
    waiting, live = page.newest(), page.live_revision()
    bodies = [revision.body for revision in (waiting, live) if revision]
    return at in _OF_THE_PAGE or any(as_id(at) in markdown.heading_ids(body) for body in bodies)


def leading_to_lost(page: Page, before: str, after: str) -> Iterator[tuple[Page, str]]:
    """The pages that lead to a heading that stands in the words `before` and not `after`, with its address."""
    lost = markdown.heading_ids(before) - markdown.heading_ids(after)
    if not lost:
        return
    for other, link in addresses.links_to(page.get_absolute_url()):
        _path, _sign, at = link.partition("#")
        if other != page and as_id(at) in lost:
            yield other, at


def as_id(at: str) -> str:
    """The id of a heading that a link names, as it is or by its words."""
    at = unquote(at)
    return at if at.startswith(markdown.OF_A_HEADING) else f"{markdown.OF_A_HEADING}{at}"
