"""
A mail to a manager that proves the whole way: the worker, the mail server, and a mailbox that somebody reads.

Its code follows from the account, the mail server and the hour: nothing is stored, and a worker that sends through
another server than the site believes mails another code.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from clinic import keyed

HOUR = 60 * 60
_SALT = "clinic.accounts.mail_proof"


def server() -> str:
    """Which server the site's mails go through: a test mail proves this one."""
    options = settings.MAILERS["default"].get("OPTIONS", {})
    return f"{options['host']}:{options.get('port', '')}" if options.get("host") else "a folder of this machine"


def code(user: Any, at: datetime | None = None) -> str:
    """The code that a mail of this hour brings, as it is read out: 123 456."""
    hour = int((at or timezone.now()).timestamp()) // HOUR
    digits = int(keyed.newest(_SALT, f"{user.pk}:{user.email}:{server()}:{hour}"), 16) % 1_000_000
    return f"{digits // 1000:03} {digits % 1000:03}"


def is_right(user: Any, typed: str) -> bool:
    """Whether this is the code of a mail of this hour or the one before."""
    now, digits = timezone.now(), "".join(typed.split())
    codes = (code(user, at).replace(" ", "") for at in (now, now - timedelta(hours=1)))
    return any(constant_time_compare(each, digits) for each in codes)
