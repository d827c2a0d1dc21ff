"""
Cookies of staff's browsers, beside Django's own: their names, and how they are set.

On an https site each is named __Host-…, which no other host of the domain can set. Browsers send such a cookie to
every path; public pages do not see it (clinic.accounts.sessions.ignore_staff_cookies).
"""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# That somebody has signed in with this browser before, and that somebody gave a code in it not long ago.
KNOWN_BROWSER, SECOND_FACTOR = "known-browser", "second_factor"


def named(word: str) -> str:
    return f"__Host-{word}" if settings.HTTPS else word


def of_staff() -> tuple[str, ...]:
    """The names of all cookies that are staff's."""
    return settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, named(KNOWN_BROWSER), named(SECOND_FACTOR)


def read(request: HttpRequest, word: str) -> str:
    return request.COOKIES.get(named(word), "")


def put(response: HttpResponse, word: str, value: str, kept_for: timedelta) -> None:
    """Set one, at the path of the session's own."""
    response.set_cookie(
        named(word), value, max_age=kept_for, path=settings.SESSION_COOKIE_PATH, secure=settings.HTTPS, httponly=True,
        samesite="Lax",
    )  # fmt: skip
