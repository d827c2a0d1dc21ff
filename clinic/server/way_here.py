"""A proxy that does not say how a visitor came: the site would send them from https to https for ever."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from clinic.server import error_pages

logger = logging.getLogger(__name__)
WORDS = (
    gettext_lazy("This site is not set up completely"),
    gettext_lazy("It is not your fault. Whoever runs the site reads in its log what to do. Please call us."),
)
# Peers that the log has been told of.
_told: set[str] = set()


def refuse_a_circle(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """
    Say what is wrong where a redirect to https would lead to itself, once for each peer in the log.

    A browser sends Sec-Fetch-Site by https alone (W3C, Fetch Metadata, section 2), and a proxy that is not believed may
    say https: either way the visitor is there already.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not settings.SECURE_SSL_REDIRECT or request.is_secure() or request.path_info == "/livez":
            return get_response(request)
        said = request.META.get("HTTP_X_FORWARDED_PROTO", "")
        if said != "https" and (said or "HTTP_SEC_FETCH_SITE" not in request.META):
            return get_response(request)
        peer = request.META.get("REMOTE_ADDR", "")
        if peer not in _told and len(_told) < 10:
            _told.add(peer)
            logger.error(
                "A visitor came by https, but the proxy at %s %s. It must set X-Forwarded-Proto, and TRUSTED_PROXIES "
                "(now %s) must name it.",
                peer,
                "is not believed" if said else "does not say so",
                ", ".join(settings.TRUSTED_PROXIES) or "127.0.0.1",
            )  # fmt: skip
        response = error_pages.page(503, WORDS)
        response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log an error for each.
        return response

    return middleware
