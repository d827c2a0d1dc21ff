"""
Keyed hashes: what they name or prove, nobody can make again who does not know SECRET_KEY.

SECRET_KEY_FALLBACKS holds the keys of before while one is replaced; what they made goes on being known, as what
django.core.signing signed is. The one place that makes such hashes, beside clinic.accounts.secret_box.
"""

from django.conf import settings
from django.utils.crypto import salted_hmac


def digests(salt: str, value: str) -> list[str]:
    """The SHA-256 of this value by each key, that of SECRET_KEY first: for what is compared with what was kept."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac(salt, value, secret=key, algorithm="sha256").hexdigest() for key in keys]


def newest(salt: str, value: str) -> str:
    """The SHA-256 by SECRET_KEY: for what is given out, or kept for longer than a key of before."""
    return digests(salt, value)[0]


def lasting(salt: str, value: str) -> str:
    """
    The SHA-256 by the oldest key: for names that are looked up for some hours, like those of counters.

    They stay the same while a key is replaced, as long as the one before stands in SECRET_KEY_FALLBACKS.
    """
    return digests(salt, value)[-1]
