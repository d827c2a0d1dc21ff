"""
Who typed five wrong passwords waits a quarter of an hour: counted by user name and address, before a hash is made.

So does an address that thirty wrong ones came from, whatever the user names: it tries one password at many accounts.
A browser that somebody has signed in with before is counted apart (clinic.accounts.known_browsers): whoever types
wrong passwords elsewhere, behind the same address too, does not lock the desk out.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db import Error
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from clinic import keyed
from clinic.accounts import hashing, known_browsers, limits, permissions
from clinic.busy import is_refusal
from clinic.models import Clinic, WrongPasswords
from clinic.server.client_address import client_address


class LockedOut(Exception):
    """Too many wrong passwords, of one user or from one network: none is looked at until this moment."""

    def __init__(self, until: datetime, *, is_network: bool = False):
        super().__init__(until)
        self.until, self.is_network = until, is_network


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
    number, until = count(*who, most=limits.WRONG_PASSWORDS, period=limits.LOCKED_OUT_FOR)
    if number > limits.WRONG_PASSWORDS:
        raise LockedOut(until)
    right: list[Any] = []
    with _not_looked_at(who, hashing.NoPlace):
        yield right
    if right:
        WrongPasswords.objects.filter(name=_name(who)).delete()


@contextmanager
def _counted_of_network(address: str) -> Iterator[list[Any]]:
    """The same for all that comes from one network, whoever is meant: a right one is no wrong one, and no pardon."""
    who = "sign in from", address
    number, until = count(*who, most=limits.WRONG_FROM_AN_ADDRESS, period=limits.LOCKED_OUT_FOR)
    if number > limits.WRONG_FROM_AN_ADDRESS:
        raise LockedOut(until, is_network=True)
    right: list[Any] = []
    with _not_looked_at(who, hashing.NoPlace, LockedOut):
        yield right
    if right:
        _take_one_off(who)


@contextmanager
def _not_looked_at(who: tuple[str, ...], *refusals: type[Exception]) -> Iterator[None]:
    """Take off the try that none of these, nor the database, let anybody look at."""
    try:
        yield
    except Exception as error:
        if isinstance(error, refusals) or is_refusal(error):
            with suppress(Error):
                _take_one_off(who)
        raise


def _take_one_off(who: tuple[str, ...]) -> None:
    WrongPasswords.objects.filter(name=_name(who), number__gt=0).update(number=F("number") - 1)


class CountedBackend(ModelBackend):
    """Django's user names and passwords, with the wrong ones counted wherever a request brings one."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if user_obj.is_superuser or not user_obj.is_active or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):  # As Django keeps them.
            user_obj._perm_cache = permissions.of(user_obj)
        return user_obj._perm_cache

    def get_user(self, user_id: Any) -> Any:
        """The one who was read with the session of this request, where there is a request."""
        user = Clinic.once(f"user {user_id}", lambda: super(CountedBackend, self).get_user(user_id))
        return user if user and self.user_can_authenticate(user) else None

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        if request is None or not username or password is None:
            return super().authenticate(request, username=username, password=password, **kwargs)
        browser, address = known_browsers.of(request, username), client_address(request)
        is_counted = address and not browser
        network: AbstractContextManager[list[Any]] = _counted_of_network(address) if is_counted else nullcontext([])
        with network as right_one, counted(*_sign_in(browser, address, username)) as right:
            if user := super().authenticate(request, username=username, password=password, **kwargs):
                right.append(user)
                right_one.append(user)
        return user


def _sign_in(browser: str, address: str, username: str) -> tuple[str, ...]:
    where = ("browser", browser) if browser else ("address", address)
    return ("sign in", username, *where)


def forgive(request: HttpRequest, username: str) -> None:
    """Let who has just chosen a new password sign in with it here, however often the old one was wrong."""
    who = _sign_in(known_browsers.of(request, username), client_address(request), username)
    WrongPasswords.objects.filter(name=_name(who)).delete()


def forget() -> None:
    """Delete what counts no longer."""
    WrongPasswords.objects.over(timezone.now()).delete()
