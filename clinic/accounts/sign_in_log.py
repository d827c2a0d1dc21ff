"""
Who signs in, fails to, and signs out, for the security log.

Receivers of signals, which only clinic.accounts.typed uses besides: the page for passwords and the library for clinic
accounts sign people in, in code of their own, and these three signals are the one place that both of them pass.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from clinic.server.security_log import Event, record


def signed_in(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    record(Event.SIGNED_IN, request, user=user.pk)


def sign_in_failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """The account that was meant, by its id. What was typed as a name is not told: it may be a password."""
    name = str(credentials.get(get_user_model().USERNAME_FIELD, "")).replace("\0", "")
    meant = get_user_model()._default_manager.filter(**{get_user_model().USERNAME_FIELD: name})
    record(Event.SIGN_IN_FAILED, request, account=meant.values_list("pk", flat=True).first())


def signed_out(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    if user is not None:  # Somebody whose session was over already.
        record(Event.SIGNED_OUT, request, user=user.pk)


def connect() -> None:
    for signal, receiver in (
        (user_logged_in, signed_in),
        (user_login_failed, sign_in_failed),
        (user_logged_out, signed_out),
    ):
        signal.connect(receiver, dispatch_uid=f"clinic.accounts.sign_in_log.{receiver.__name__}")
