"""
The headers that every answer carries, whoever gives it: a view, an error page, whitenoise, or gunicorn by itself.

Django's own middlewares add most of them (settings.py says which); here stand those that Django does not know, and
what differs between visitors' pages and staff's.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.csp import build_policy

Answer = Callable[[HttpRequest], HttpResponse]

# Nothing here needs a camera, a place on earth or a payment; no page may ask for one, nor what it shows.
# Source: W3C, Permissions Policy; the names are those that browsers know.
_UNUSED = (
    "accelerometer autoplay browsing-topics camera display-capture encrypted-media fullscreen gamepad "
    "geolocation gyroscope hid idle-detection local-fonts magnetometer microphone midi payment picture-in-picture "
    "screen-wake-lock serial storage-access usb xr-spatial-tracking"
).split()
# Staff sign in with them.
_PASSKEYS = ("publickey-credentials-create", "publickey-credentials-get")
FOR_VISITORS = ", ".join(f"{name}=()" for name in (*_UNUSED, *_PASSKEYS))
FOR_STAFF = ", ".join([*(f"{name}=()" for name in _UNUSED), *(f"{name}=(self)" for name in _PASSKEYS)])
# The picture beside a shared link is made to be shown by others. Everything else is shown by this site alone.
_SHARED = re.compile(r"/static/img/share\.[^/]+")


def complete(get_response: Answer) -> Answer:
    """Add what Django's middlewares leave out, and let staff's pages run the admin's scripts."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_staffs = request.path_info.startswith("/admin/")
        if is_staffs and not hasattr(response, "_csp_config"):
            response._csp_config = settings.STAFF_CSP  # type: ignore[attr-defined]  # As csp_override sets it.
        response.headers.setdefault("Permissions-Policy", FOR_STAFF if is_staffs else FOR_VISITORS)
        readers = "cross-origin" if _SHARED.fullmatch(request.path_info) else "same-origin"
        response.headers.setdefault("Cross-Origin-Resource-Policy", readers)
        response.headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        return response

    return middleware


def without_django() -> dict[str, str]:
    """All headers of an answer that no middleware sees."""
    said = {
        "Content-Security-Policy": build_policy(settings.SECURE_CSP),
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": FOR_VISITORS,
    }
    if settings.SECURE_HSTS_SECONDS:
        more = [
            "includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else "",
            "preload" if settings.SECURE_HSTS_PRELOAD else "",
        ]
        said["Strict-Transport-Security"] = "; ".join(filter(None, [f"max-age={settings.SECURE_HSTS_SECONDS}", *more]))
    return said
