from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils import translation

from clinic.models import Clinic
from clinic.put_off import put_off
from clinic.server import error_pages, request_ids, security_log

Answer = Callable[[HttpRequest], HttpResponse]


def make_room_for_calls(get_response: Answer) -> Answer:
    """
    Answer within one large piece of memory for the frames of calls.

    Python takes 16 kB for them at a time, and gives each back at once. Where a loop of a page happens to stand at such
    a border, every call in it asks the kernel for memory anew: 250 times for the inbox, a third of what it cost.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    # As if it needed 136 kB for itself: Python takes a power of two, and the calls below have the other 120.
    middleware.__code__ = middleware.__code__.replace(co_stacksize=17_000)
    return middleware


def answer_livez(get_response: Answer) -> Answer:
    """
    Say that the process is up, before anything asks for the host or the database, also by http.

    What proxies and containers probe comes by http and by IP; were the database asked, they would restart us for
    nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info == "/livez" and request.method in ("GET", "HEAD"):
            return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})
        return get_response(request)

    return middleware


def choose_the_language(get_response: Answer) -> Answer:
    """
    Say which language words are in: the site's, once for a request.

    Where nobody said it, Django finds that out for each word of a page, by way of an error: it takes twice as long.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        with translation.override(settings.LANGUAGE_CODE):
            return get_response(request)

    return middleware


def name_the_request(get_response: Answer) -> Answer:
    """
    Give what staff ask for, and what anybody sends, an id that its lines in the logs and its answer have in common.

    A page for everyone has none: it is the same bytes for each. An answer of 403 is told to the security log.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/") and request.method in ("GET", "HEAD"):
            return get_response(request)
        with request_ids.named() as name:
            response = get_response(request)
            response.headers["X-Request-ID"] = name
            if response.status_code == 403:
                security_log.record(security_log.Event.REFUSED, request, row=_row(request))
            return response

    return middleware


def _row(request: HttpRequest) -> int | None:
    """The id of the row that the address names, where it names one."""
    at = request.resolver_match.kwargs if request.resolver_match else {}
    named = str(at.get("pk", at.get("object_id", "")))
    return int(named) if named.isdecimal() and len(named) < 18 else None


def read_the_clinic_once(get_response: Answer) -> Answer:
    """Let a request read the clinic once, however many parts of its page ask for it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with Clinic.read_once():
            return get_response(request)

    return middleware


def refuse_what_is_marked(get_response: Answer) -> Answer:
    """
    Answer with the status that a WSGI layer of ours refused a request with, before anything looks at it.

    413: a body that clinic.server.bodies found too large. 415: a file where none is asked for, and a Content-Type that
    clinic.wsgi found unreadable. 503: clinic.server.turns has no place left to wait at.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not (status := request.META.get("clinic.refused_with")):
            return get_response(request)
        response = error_pages.page(status)
        if status == 503:
            return put_off(response, 2)
        return response

    return middleware


def refuse_zero_bytes(get_response: Answer) -> Answer:
    """Show nothing at an address with a zero byte: Postgres has none in its texts, and nobody types one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            return error_pages.page(404)
        if "%00" in request.META.get("QUERY_STRING", ""):
            return error_pages.page(400)
        return get_response(request)

    return middleware


def compress(get_response: Answer) -> Answer:
    """
    Gzip answers. Django adds random bytes against BREACH: right for the admin, whose pages hold secrets.

    A page for everyone holds none, and must be the same bytes for everyone.
    """
    for_staff, for_everyone = GZipMiddleware(get_response), SameBytes(get_response)

    def middleware(request: HttpRequest) -> Any:
        return (for_staff if request.path_info.startswith("/admin/") else for_everyone)(request)

    return middleware


class SameBytes(GZipMiddleware):
    max_random_bytes = 0


def style_bare_refusals(get_response: Answer) -> Answer:
    """Give 405 answers, which Django sends empty, the site's own page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 405 and not response.content:
            styled = error_pages.page(405)
            styled.headers["Allow"] = response.headers["Allow"]
            return styled
        return response

    return middleware
