"""Mailed links of accounts: signed, for one purpose and one account, good for a while and until the account changes."""

from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.urls import reverse
from django.utils.http import urlencode

from clinic.accounts import limits


class Purpose(StrEnum):
    CONFIRM_EMAIL = "confirm_email"
    INVITATION = "invitation"
    NEW_PASSWORD = "new_password"  # noqa: S105  (the name of a purpose)


_GOOD_FOR: dict[Purpose, timedelta] = {
    Purpose.CONFIRM_EMAIL: limits.EMAIL_LINK,
    Purpose.INVITATION: limits.INVITED_FOR,
    Purpose.NEW_PASSWORD: limits.PASSWORD_LINK,
}


def path(purpose: Purpose, user: Any, page: str, said: str = "") -> str:
    """The path of this page with the link as its query: queries of staff's addresses are in no log."""
    link = signing.dumps([user.pk, _state(purpose, user), said], salt=_salt(purpose))
    return f"{reverse(page)}?{urlencode({'link': link})}"


def read(purpose: Purpose, link: str, *, lock: bool = False) -> tuple[Any, str] | None:
    """
    Whose link it is, and what it says; None when it is forged, too old, used, or its account was stopped.

    With `lock`, the account's row stays locked until the caller's transaction ends: a link is used once.
    """
    try:
        pk, state, said = signing.loads(link, salt=_salt(purpose), max_age=_GOOD_FOR[purpose])
    except signing.BadSignature:
        return None
    users = get_user_model().objects.select_for_update() if lock else get_user_model().objects.all()
    user = users.filter(pk=pk, is_active=True, is_staff=True).first()
    return (user, said) if user and state == _state(purpose, user) else None


def _state(purpose: Purpose, user: Any) -> str:
    """
    What using the link changes. Of the password, a hash of its salted hash.

    Who signs in has a password: a link for another one ends. Another address may be confirmed after signing in again.
    """
    signed_in = "" if purpose is Purpose.CONFIRM_EMAIL else user.last_login
    return sha256(f"{user.password}\n{user.email}\n{signed_in}".encode()).hexdigest()[:20]


def _salt(purpose: Purpose) -> str:
    return f"clinic.accounts.links.{purpose}"
