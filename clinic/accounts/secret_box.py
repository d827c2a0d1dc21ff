"""Encrypts what the database must not give away, and hashes codes, with keys that only the environment knows."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def _keys(purpose: str) -> list[bytes]:
    """32 bytes for each secret of the environment, the newest first."""
    secrets = [*settings.SECOND_FACTOR_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hmac.digest(secret.encode(), f"second factor: {purpose}".encode(), hashlib.sha256) for secret in secrets]


def _fernets() -> list[Fernet]:
    return [Fernet(base64.urlsafe_b64encode(key)) for key in _keys("encrypt")]


def encrypt(words: bytes) -> str:
    return _fernets()[0].encrypt(words).decode()


def decrypt(sealed: str) -> bytes:
    """Raises cryptography.fernet.InvalidToken when no secret of the environment opens it."""
    return MultiFernet(_fernets()).decrypt(sealed)


def is_of_an_old_key(sealed: str) -> bool:
    """Whether only a secret that is not the newest opens it."""
    try:
        _fernets()[0].decrypt(sealed)
    except InvalidToken:
        return True
    return False


def digests(words: str) -> list[str]:
    """Keyed hashes of these words, that of the newest secret first. For words that nobody can guess."""
    return [hmac.digest(key, words.encode(), hashlib.sha256).hex() for key in _keys("hash")]
