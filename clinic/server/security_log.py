"""
The security log: who did what and when, one line of JSON each, by the logger "clinic.security".

Ids and numbers only. A line names no person, address, word or key: it may leave this machine, and erasure need not
reach it. What stays in the database beside it is the access log (appointments.records.access_log).
"""

import logging
from enum import StrEnum
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone

from clinic import keyed
from clinic.server import request_ids
from clinic.server.client_address import client_address

logger = logging.getLogger("clinic.security")


class Event(StrEnum):
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_PUT_OFF = "sign_in_put_off"  # Too many wrong passwords, or too many at once: answered with 429.
    SIGNED_OUT = "signed_out"
    CODE_RIGHT = "code_right"  # Of the second step; a passkey too.
    CODE_WRONG = "code_wrong"
    FACTOR_AT_PROVIDER = "factor_at_provider"  # Given where the clinic's Microsoft or Google accounts are.
    FACTOR_SET_UP = "factor_set_up"
    PASSWORD_WRONG = "password_wrong"  # noqa: S105  (of somebody who is signed in, and was asked again)
    STEPPED_UP = "stepped_up"  # Gave password and code again.
    PASSWORD_FORGOTTEN = "password_forgotten"  # noqa: S105  (a link was asked for)
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  (the name of an event)
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_CHANGED = "account_changed"  # By somebody else: its name, roles, or whether it is active.
    INVITED = "invited"
    FACTOR_RESET = "factor_reset"
    EMAIL_CHANGED = "email_changed"
    APP_CHANGED = "app_changed"  # The authenticator app.
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_RENAMED = "passkey_renamed"
    PASSKEY_REMOVED = "passkey_removed"
    CODES_PRINTED = "codes_printed"  # New backup codes; those before have ended.
    EMERGENCY_ACCESS = "emergency_access"
    PROOF_WRONG = "proof_wrong"  # At an inquiry's own page.
    NOT_THEIRS = "not_theirs"  # Said at an inquiry's own page: our mail reached somebody else.
    LINK_REVOKED = "link_revoked"
    LINK_SENT = "link_sent"  # Another one, to the address that staff wrote.
    REFUSED = "refused"  # Answered with 403.
    RECORD_READ = "record_read"
    RECORD_PRINTED = "record_printed"
    RECORD_EXPORTED = "record_exported"
    RECORD_ERASED = "record_erased"
    SEARCHED = "searched"
    IMPORTED = "imported"
    MAIL_RESENT = "mail_resent"
    MAIL_BOUNCED = "mail_bounced"
    TRAP = "trap"
    LIMIT_REFUSED = "limit_refused"  # Answered with 429, and not stored.
    LIMIT_CHECKED = "limit_checked"  # Stored, and checked by hand.
    LIMIT_TIMES = "limit_times"  # Stored, without the time that was chosen.


def record(event: Event, request: HttpRequest | None, *, user: int | None = None, **ids: int | None) -> None:
    """
    Write one line: the event, and the ids of the rows that it is about, by their kind (`inquiry=7`).

    `user` is who did it where the request does not know: somebody who is signing in or out.
    """
    said: dict[str, Any] = {"at": timezone.now().isoformat(), "event": event.value, "request": request_ids.current()}
    if request is not None:
        match = request.resolver_match
        said |= {"user": user or _user(request), "client": _client(request), "view": match.view_name if match else ""}
    elif user is not None:
        said["user"] = user
    logger.info(event.value, extra={"security": said | ids})


def _user(request: HttpRequest) -> int | None:
    """The id of who is signed in. Outside of the admin nobody is, whatever cookie is sent."""
    if not request.path_info.startswith("/admin/") or not hasattr(request, "user"):
        return None
    try:
        return request.user.pk
    except DatabaseError:
        return None  # The line counts, also when the database is away.


def _client(request: HttpRequest) -> str:
    """
    The client's address as a hash with the day in it: lines of one day belong together, and no address is told.

    Who has SECRET_KEY can try all addresses, and so find the one behind an attack.
    """
    address = client_address(request)
    if not address:
        return ""
    return keyed.lasting(f"clinic.security {timezone.now():%Y%m%d}", address)[:16]
