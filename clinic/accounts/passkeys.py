"""
Passkeys: made and asked for in the browser, checked here with django-otp-webauthn.

A challenge stands in the session and is good for one answer. A passkey comes after the password, never in its place.
"""

import json
import logging
from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django_otp_webauthn.models import WebAuthnCredential

from clinic.accounts import second_factor
from clinic.models import Clinic

logger = logging.getLogger(__name__)
_NEW, _ASKED = "passkey_new", "passkey_asked"


def name_of_the_clinic(request: object) -> str:
    """What the browser's own window calls the site."""
    return Clinic.current().name


def ask_for_new(request: HttpRequest) -> str:
    """What the browser needs to make a passkey, as JSON for static/js/passkeys.js."""
    options, request.session[_NEW] = _helper(request).register_begin(user=request.user)
    return json.dumps(options)


def ask(request: HttpRequest) -> str:
    """What the browser needs to use one of the user's passkeys, as JSON; empty when the user has none."""
    if not second_factor.has_passkey(request.user):
        return ""
    options, request.session[_ASKED] = _helper(request).authenticate_begin(
        user=request.user, require_user_verification=False
    )
    return json.dumps(options)


@transaction.atomic
def take(request: HttpRequest) -> bool:
    """Let the passkey count that the browser has just made; return whether it is one."""
    factor = second_factor.locked(request.user)
    # Another request may have used the invitation meanwhile.
    if not factor.invitation or not _is_answered(request, _NEW, _helper(request).register_complete):
        return False
    second_factor.set_up(factor)
    return True


@transaction.atomic
def add(request: HttpRequest, name: str) -> WebAuthnCredential | None:
    """Give the user one more passkey, the one that the browser has just made; other browsers ask for a code again."""
    factor = second_factor.locked(request.user)
    if not _is_answered(request, _NEW, _helper(request).register_complete):
        return None
    made = of(request.user).latest("pk")
    made.name = name or made.name
    made.save(update_fields=["name"])
    second_factor.set_up(factor)
    return made


@transaction.atomic
def remove(passkey: WebAuthnCredential) -> bool:
    """Take a passkey away, and return whether it went: the last factor of an account stays."""
    factor = second_factor.locked(passkey.user)
    if not factor.seed and not of(passkey.user).exclude(pk=passkey.pk).exists():
        return False
    passkey.delete()
    second_factor.set_up(factor)
    return True


def of(user: Any) -> Any:
    """The passkeys of somebody, the oldest first."""
    return WebAuthnCredential.objects.filter(user_id=user.pk, confirmed=True).order_by("pk")


def is_right(request: HttpRequest) -> bool:
    """Whether the browser proved that it has one of the user's passkeys."""
    return _is_answered(request, _ASKED, _helper(request).authenticate_complete)


def _is_answered(request: HttpRequest, asked: str, complete: Any) -> bool:
    state = request.session.pop(asked, None)
    request.session.save()  # Also when what follows fails: no challenge is good for a second answer.
    if not state:
        return False
    try:
        with transaction.atomic():
            complete(user=request.user, state=state, data=json.loads(request.POST["passkey"]))
    except DatabaseError:
        raise
    except Exception as error:  # The library reads what anybody may post: whatever it stumbles over is no passkey.
        logger.warning("A passkey of user %s was refused: %s", request.user.pk, type(error).__name__)
        return False
    return True


def _helper(request: HttpRequest) -> Any:
    return WebAuthnCredential.get_webauthn_helper(request=request)
