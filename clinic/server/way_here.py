"""A proxy that does not say how a visitor came: the site would send them from https to https for ever."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from clinic.put_off import put_off
from clinic.server import error_pages

logger = logging.getLogger(__name__)
WORDS = (
    gettext_lazy("This site is not set up completely"),
    gettext_lazy("It is not your fault. Whoever runs the site reads in its log what to do. Please call us."),
)
# How proxies say elsewhere than in X-Forwarded-Proto that a visitor came by https.
_OTHERWISE = {
    "HTTP_X_FORWARDED_SSL": "on",
    "HTTP_X_FORWARDED_SCHEME": "https",
    "HTTP_FRONT_END_HTTPS": "on",
    "HTTP_FORWARDED": "proto=https",
}
_FROM_A_PROXY = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA")
# Peers that the log has been told of.
_told: set[str] = set()


def refuse_a_circle(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """
    Say what is wrong where a redirect to https would lead to itself, once for each peer in the log.

    A browser sends Sec-Fetch-Site by https alone (W3C, Fetch Metadata, section 2), and a proxy that is not believed may
    say https: either way the visitor is there already. Who says neither may have come by http, and is led to https.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not settings.SECURE_SSL_REDIRECT or request.is_secure() or request.path_info == "/livez":
            return get_response(request)
        # Of a chain of proxies the first has met the visitor.
        said = request.META.get("HTTP_X_FORWARDED_PROTO", "").partition(",")[0].strip().lower()
        if said and said != "https":
            return get_response(request)
        if not (said or "HTTP_SEC_FETCH_SITE" in request.META or _says_so_otherwise(request)):
            if any(name in request.META for name in _FROM_A_PROXY):
                _tell(request, "Visitors come through the proxy at %s, which does not say how.")
            return get_response(request)
        how = "is not believed" if said else "does not say so in X-Forwarded-Proto"
        _tell(request, f"A visitor came by https, but the proxy at %s {how}.")
        return put_off(error_pages.page(503, WORDS), 60)

    return middleware


def _says_so_otherwise(request: HttpRequest) -> bool:
    said = {name: request.META.get(name, "").lower().replace('"', "") for name in _OTHERWISE}
    return any(value in said[name] for name, value in _OTHERWISE.items())


def _tell(request: HttpRequest, words: str) -> None:
    peer = request.META.get("REMOTE_ADDR", "")
    if peer in _told or len(_told) >= 10:
        return
    _told.add(peer)
    logger.error(
        words + " It must set X-Forwarded-Proto to https, and TRUSTED_PROXIES (now %s) must name it.",
        peer,
        ", ".join(settings.TRUSTED_PROXIES) or "127.0.0.1",
    )
