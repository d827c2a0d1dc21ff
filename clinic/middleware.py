from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from clinic import errors

Answer = Callable[[HttpRequest], HttpResponse]


def refuse_odd_charsets(get_response: Answer) -> Answer:
    """
    Answer 415 when a Content-Type names a charset other than UTF-8.

    Python knows codecs that are no text ("hex", "idna"); Django would decode even the query string with them and
    raise wherever the request is looked at, its error handlers included. Our pages only ever send UTF-8.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
        if charset.strip("\"' ").lower() not in ("utf-8", "utf8"):
            return errors.page(415)
        return get_response(request)

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
