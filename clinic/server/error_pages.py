"""
The pages for what went wrong: styled, with the phone number, and made without looking at the request.

The request may be what is wrong, and the database may be away: practice.known() does not ask it again.
"""

import logging
import sys
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import practice
from clinic.busy import is_from_waiting, is_refusal, posted_fields, try_again, typed_words
from clinic.postgres import outage
from clinic.server.logs import told

logger = logging.getLogger(__name__)

# Status: (heading, what to do).
WORDS = {
    400: (
        gettext_lazy("We could not read that"),
        gettext_lazy("Your browser sent something that we could not read. Please go back and try again."),
    ),
    403: (
        gettext_lazy("That is not allowed"),
        gettext_lazy("This page did not accept what was sent. Please open the page here and try again."),
    ),
    404: (
        gettext_lazy("We can’t find that page"),
        gettext_lazy(
            "The address may be mistyped or out of date. If you copied a link, check that you have all of it."
        ),
    ),
    405: (
        gettext_lazy("That does not work here"),
        gettext_lazy("This page can be read, but nothing can be sent to it."),
    ),
    413: (
        gettext_lazy("That is more than we can read"),
        gettext_lazy("What was sent is too long for this site. Please go back and make it shorter, or call us."),
    ),
    415: (
        gettext_lazy("We could not read that"),
        gettext_lazy("What was sent is not in a form that this site reads. Please use the form on our page."),
    ),
    500: (
        gettext_lazy("Something went wrong on our side"),
        gettext_lazy("It is not your fault. Please go back and try again in a few minutes, or call us."),
    ),
    503: (
        gettext_lazy("Many are looking for times right now"),
        gettext_lazy("It is not your fault. Please try again in a few seconds, or call us."),
    ),
}

# A 403 for what a translated copy of our page, or a browser that says nothing of itself, has sent.
NOT_FROM_HERE = (
    gettext_lazy("This is not sent yet"),
    gettext_lazy(
        "It came from another page than ours, like a translated copy. Look at it here, then send it again, or call us."
    ),
)

# A 503, too: the database did not do in time what this page needs, or does nothing at all.
TOO_SLOW = gettext_lazy("This takes too long right now")
NOT_NOW = gettext_lazy("We can’t look anything up right now")
NOT_STORED = gettext_lazy("We could not store what you sent")
ADVICE = gettext_lazy("It is not your fault. Please go back and try again in a minute, or call us.")
SEND_AGAIN = gettext_lazy(
    "It is not your fault. Nothing of it is stored, and nobody here has read it. Please send it again in a minute, or "
    "call us."
)
CSRF_TOKEN = "csrfmiddlewaretoken"  # noqa: S105  (a field's name)


def page(status: int, words: tuple[Promise, Promise] | None = None, **more: Any) -> HttpResponse:
    """`more` of what the template shows, like what was sent, to be sent once more: `posted`, `typed` and `action`."""
    heading, advice = words or WORDS[status]
    context = {"heading": heading, "advice": advice, "is_missing": status == 404, **more}
    if "practice" not in context:
        context["practice"] = practice.known()
    try:
        words_of_page = render_to_string("clinic/error.html", context)
    except Exception:  # A static file that is missing, most likely: the phone number can be read without any.
        logger.exception("A page for errors is shown without its style")
        words_of_page = render_to_string("clinic/error_without_style.html", context)
    response = HttpResponse(words_of_page, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(400)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(404)


def _sent(request: HttpRequest) -> dict[str, Any]:
    """What was sent, to be sent once more; nothing where the request cannot be read."""
    if request.method != "POST":
        return {}
    try:
        posted = [(name, value) for name, values in request.POST.lists() for value in values]
        has_files = bool(request.FILES)
    except (SuspiciousOperation, MultiPartParserError, OSError):
        return {}
    if request.path_info.startswith("/admin/"):
        # Passwords and codes are typed again. The token is the one that came: the page that made
        # the post knew it, and a page of another site did not.
        token = [(name, value) for name, value in posted if name == CSRF_TOKEN]
        posted = token + posted_fields(request)
    if all(name == CSRF_TOKEN for name, _value in posted):
        return {}  # Nothing that could be sent again.
    typed = typed_words(posted)
    return {"posted": posted, "typed": typed, "has_files": has_files, "action": request.get_full_path()}


def _not_now(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The database has refused for now. It is not asked for the page that says so."""
    again = _sent(request)
    slow = is_from_waiting(error)
    heading = TOO_SLOW if slow else NOT_STORED if again else NOT_NOW
    said = page(503, (heading, SEND_AGAIN if again else ADVICE), practice=practice.last_known(), **again)
    # That it is away is in the log already; of what was sent meanwhile each is worth a line.
    is_said = outage.is_known() and request.method in ("GET", "HEAD")
    return try_again(
        said, "" if is_said else f"{request.method} {request.path.encode('unicode_escape').decode()}: {told(error)}"
    )


def not_from_here(request: HttpRequest) -> HttpResponse:
    """What a page of another site posted: nothing is done with it before its visitor says so here."""
    return page(403, NOT_FROM_HERE, **_sent(request))


def server_error(request: HttpRequest) -> HttpResponse:
    try:
        # Django calls this while it handles the error.
        if (error := sys.exception()) and is_refusal(error):
            return _not_now(request, error)
        return page(500)
    except Exception:  # A template that does not render must not hide that something is wrong.
        return HttpResponse(_("Something went wrong on our side. Please call us."), status=500)
