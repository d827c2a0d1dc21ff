"""Tests compare words with plain spaces: where a line must not end, a page has a no-break space instead."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

NO_BREAK = "\N{NO-BREAK SPACE}".encode()
# A test of the no-break spaces themselves asks for the page with this header.
AS_SENT = "as-sent"


def plain(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.streaming and AS_SENT not in request.headers:
            response.content = response.content.replace(NO_BREAK, b" ")
        return response

    return middleware
