"""
What the database refuses for now: somebody else holds it for too long, or it is away, full or read-only.

Trying again is all that there is to do. For how long it waits is said in clinic/database_limits.py.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from psycopg.errors import IdleInTransactionSessionTimeout, LockNotAvailable, QueryCanceled, ReadOnlySqlTransaction

from clinic.put_off import put_off

logger = logging.getLogger(__name__)

AGAIN_AFTER = 5  # seconds
IS_HELD = "somebody else holds what it needs"

# Fields that no page gives back and no row keeps: passwords, tokens, and codes of the second step.
_SECRET = re.compile(r"password|token|passkey|(^|-)code$")


class Busy(Exception):
    """Somebody else holds a row that this needs and did not let go of it in time: nothing was done."""

    words = _(
        "Somebody else is changing this right now, so nothing was done. Please try again in a minute, or call us."
    )


def is_refusal(error: BaseException | None) -> bool:
    """
    Whether the database did not do now what it may do in a minute: it is away, full or read-only, or it waited.

    An error in our own statements or tables is a fault: False. The queue of jobs has its own name for what it meets.
    """
    while error is not None:
        if isinstance(error, Busy | OperationalError | InterfaceError):
            return True
        if isinstance(error, InternalError):
            return isinstance(error.__cause__, ReadOnlySqlTransaction | IdleInTransactionSessionTimeout)
        error = error.__cause__
    return False


def is_from_waiting(error: BaseException | None) -> bool:
    """Whether the database ended a statement since it waited, or took, for too long."""
    return isinstance(error, Busy) or (
        isinstance(error, OperationalError) and isinstance(error.__cause__, LockNotAvailable | QueryCanceled)
    )


@contextmanager
def busy_after_waiting() -> Iterator[None]:
    """Raise Busy where the database ends a statement of the block since it waited, or took, for too long."""
    try:
        yield
    except OperationalError as error:
        if is_from_waiting(error):
            raise Busy from error
        raise


def try_again(response: HttpResponse, why: str = IS_HELD) -> HttpResponse:
    """Say with a page that it may be tried again in a moment. In the log that is one line: no error of ours."""
    if why:
        logger.warning("Refused for now: %s", why)
    response.status_code = 503
    return put_off(response, AGAIN_AFTER)


def posted_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """What may be given back of a post, or kept, as pairs of name and value."""
    names = [name for name in request.POST if not _SECRET.search(name)]
    return [(name, value) for name in names for value in request.POST.getlist(name)]


def typed_words(fields: Iterable[tuple[str, str]]) -> list[str]:
    """What somebody wrote of these fields, for a page that shows it: the others are ids and choices."""
    return [value for _name, value in fields if " " in value.strip() or "@" in value]


def page_for_staff(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """What they typed, to be read and to be sent once more."""
    # What this request said was done was taken back. Django has no public way to unsay it.
    messages.get_messages(request)._queued_messages.clear()  # type: ignore[union-attr]
    posted = posted_fields(request)
    context = {
        **site.each_context(request),
        "title": gettext("Somebody else is changing this right now"),
        "posted": posted,
        "typed": typed_words(posted),
        "action": request.get_full_path(),
    }
    return try_again(TemplateResponse(request, "admin/busy.html", context))
