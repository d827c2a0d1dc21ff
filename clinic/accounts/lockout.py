"""
Who typed five wrong passwords waits a quarter of an hour: counted by user name and address, before a hash is made.

A browser that somebody has signed in with before is counted apart (clinic.accounts.known_browsers): whoever types
wrong passwords elsewhere, behind the same address too, does not lock the desk out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from clinic import keyed
from clinic.accounts import hashing, known_browsers, limits
from clinic.models import WrongPasswords
from clinic.server.client_address import client_address


class LockedOut(Exception):
    """Too many wrong passwords: none is looked at until this moment."""

    def __init__(self, until: datetime):
        super().__init__(until)
        self.until = until


def count(*who: str, most: int, period: timedelta) -> tuple[int, datetime]:
    """Count one more try of these: how many it has come to, and when the count begins anew."""
    return WrongPasswords.objects.count_one(_name(who), most=most, period=period)


def _name(who: tuple[str, ...]) -> str:
    return keyed.lasting("clinic.accounts.lockout", "\n".join(who))


@contextmanager
def counted(*who: str) -> Iterator[list[Any]]:
    """
    Count a try of these before its password is looked at; one whose block puts something into the list was right.

    Sixteen at once count sixteen, and five are looked at. Raises LockedOut.
    """
    name = _name(who)
    number, until = count(*who, most=limits.WRONG_PASSWORDS, period=limits.LOCKED_OUT_FOR)
    if number > limits.WRONG_PASSWORDS:
        raise LockedOut(until)
    right: list[Any] = []
    try:
        yield right
    except hashing.NoPlace:
        WrongPasswords.objects.filter(name=name).update(number=F("number") - 1)
        raise
    if right:
        WrongPasswords.objects.filter(name=name).delete()


class CountedBackend(ModelBackend):
    """Django's user names and passwords, with the wrong ones counted wherever a request brings one."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        if request is None or not username or password is None:
            return super().authenticate(request, username=username, password=password, **kwargs)
        with counted(*_sign_in(request, username)) as right:
            if user := super().authenticate(request, username=username, password=password, **kwargs):
                right.append(user)
        return user


def _sign_in(request: HttpRequest, username: str) -> tuple[str, ...]:
    browser = known_browsers.of(request, username)
    where = ("browser", browser) if browser else ("address", client_address(request))
    return ("sign in", username, *where)


def forgive(request: HttpRequest, username: str) -> None:
    """Let who has just chosen a new password sign in with it here, however often the old one was wrong."""
    WrongPasswords.objects.filter(name=_name(_sign_in(request, username))).delete()


def forget() -> None:
    """Delete what counts no longer."""
    WrongPasswords.objects.over(timezone.now()).delete()
