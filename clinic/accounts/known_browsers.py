"""
A cookie that says who has signed in with this browser before. It opens no door: only wrong passwords count by it.

Source: OWASP, "Device cookies": who attacks from elsewhere can't lock out somebody who sits at their own desk.
"""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

from clinic import keyed
from clinic.accounts import cookies

KEPT_FOR = timedelta(days=365)
# Colleagues who share a browser: the last so many are known to it.
USERS = 20


def of(request: HttpRequest, username: str) -> str:
    """The name of this browser, if this user has signed in with it before; otherwise nothing."""
    said = _read(request)
    return said["browser"] if not set(_names(username)).isdisjoint(said["users"]) else ""


def remember(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """Have the browser say from now on that this user has signed in with it."""
    said = _read(request)
    names = _names(username)
    said["users"] = [*(each for each in said["users"] if each not in names), names[0]][-USERS:]
    write(response, signing.dumps(said, salt=__name__))


def write(response: HttpResponse, value: str) -> None:
    cookies.put(response, cookies.KNOWN_BROWSER, value, KEPT_FOR)


def carried(request: HttpRequest) -> str:
    """The cookie as an address may carry it for a minute: signing out clears all cookies of the site."""
    return signing.dumps(cookies.read(request, cookies.KNOWN_BROWSER), salt=f"{__name__}.carried")


def put_back(response: HttpResponse, carried: str) -> None:
    """Set the cookie again that `carried` says, unless it is forged or a minute old."""
    try:
        value = signing.loads(carried, salt=f"{__name__}.carried", max_age=60)
    except signing.BadSignature:
        return
    if value:
        write(response, value)


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        return signing.loads(cookies.read(request, cookies.KNOWN_BROWSER), salt=__name__, max_age=KEPT_FOR)
    except signing.BadSignature:
        return {"browser": get_random_string(22), "users": []}


def _names(username: str) -> list[str]:
    """Which user, for who knows the user's name, the newest key's first: the cookie tells nobody's."""
    return [digest[:16] for digest in keyed.digests(__name__, username)]
