"""
The pages for what went wrong: styled, with the phone number, and made without looking at the request.

The request may be what is wrong, and the database may be away: practice.known() does not ask it again.
"""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import practice

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


def page(status: int) -> HttpResponse:
    heading, advice = WORDS[status]
    context = {"practice": practice.known(), "heading": heading, "advice": advice, "is_missing": status == 404}
    response = HttpResponse(render_to_string("clinic/error.html", context), status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(404)


def server_error(request: HttpRequest) -> HttpResponse:
    try:
        return page(500)
    except Exception:  # A template that does not render must not hide that something is wrong.
        return HttpResponse(_("Something went wrong on our side. Please call us."), status=500)
