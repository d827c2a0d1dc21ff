from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from clinic import errors

Answer = Callable[[HttpRequest], HttpResponse]


def refuse_unreadable_content(get_response: Answer) -> Answer:
    """Answer 415 to a Content-Type that clinic.wsgi found unreadable, before anything looks at the request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return errors.page(415) if "clinic.unreadable_content" in request.META else get_response(request)

    return middleware


def style_bare_refusals(get_response: Answer) -> Answer:
    """Give 405 answers, which Django sends empty, the site's own page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 405 and not response.content:
            styled = errors.page(405)
            styled.headers["Allow"] = response.headers["Allow"]
            return styled
        return response

    return middleware
