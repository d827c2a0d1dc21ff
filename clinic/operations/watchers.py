"""What watches the site: /readyz and /metrics, for nobody else."""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from clinic.operations import doctor, metrics

Answer = Callable[[HttpRequest], HttpResponse]

# What proxies add: who comes through one comes from elsewhere, whatever the address of the proxy is.
_FORWARDED = ("Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto")


def answer_watchers(get_response: Answer) -> Answer:
    """
    Answer those who may watch before anything asks for the host: they come by http and by IP.

    For anybody else there are no such addresses.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = _ADDRESSES.get(request.path_info) if request.method in ("GET", "HEAD") else None
        return answer(request) or get_response(request) if answer else get_response(request)

    return middleware


def readyz(request: HttpRequest) -> HttpResponse | None:
    """What the doctor's quick part finds that somebody should hear of at once; with the token, or from this machine."""
    if not (_has_the_token(request) or _is_from_here(request)):
        return None
    words = "".join(f"{finding.words}\n" for finding in doctor.errors(doctor.Part.QUICK))
    return _text(words or "ok\n", "text/plain; charset=utf-8", status=503 if words else 200)


def numbers(request: HttpRequest) -> HttpResponse | None:
    """With the token alone: they say how many patients the clinic has."""
    return _text(metrics.text(), CONTENT_TYPE_PLAIN_0_0_4) if _has_the_token(request) else None


def _text(words: str | bytes, content_type: str, status: int = 200) -> HttpResponse:
    return HttpResponse(words, content_type=content_type, status=status, headers={"Cache-Control": "no-store"})


def _has_the_token(request: HttpRequest) -> bool:
    kind, _space, given = request.headers.get("Authorization", "").partition(" ")
    token = settings.METRICS_TOKEN
    return bool(token) and kind.lower() == "bearer" and constant_time_compare(given.strip(), token)


def _is_from_here(request: HttpRequest) -> bool:
    """Whether a process of this machine asks, and no proxy for somebody else."""
    try:
        is_loopback = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return is_loopback and not any(name in request.headers for name in _FORWARDED)


_ADDRESSES = {"/readyz": readyz, "/metrics": numbers}
