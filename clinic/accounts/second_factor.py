"""
The second factor of an account: set up, checked, reset. Each verb locks the account's row: one code counts once.

Codes: TOTP (RFC 6238) of an authenticator app, or one of the backup codes. Passkeys are in passkeys.py.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.core import signing
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_otp import oath
from django_otp_webauthn.models import WebAuthnCredential

from clinic.accounts import limits, secret_box
from clinic.models import BackupCode, ClinicAccount, SecondFactor, StaffSession
from clinic.typed_text import plain

STEP = 30  # seconds that a code of the app is shown for
# Neither 0 nor O, 1 nor I: they are read from paper. Ten of them are 49 bits.
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_SALT = "clinic.accounts.invitation"


@dataclass(frozen=True)
class Checked:
    """What became of a typed code; `locked_until` is set while no code is read."""

    is_right: bool
    locked_until: datetime | None = None


def of(user: Any) -> SecondFactor | None:
    return SecondFactor.objects.filter(user_id=user.pk).first()


# Whether an account has a factor, for a question about many.
SET_UP = Exists(SecondFactor.objects.filter(user=OuterRef("pk")).exclude(seed="")) | Exists(
    WebAuthnCredential.objects.filter(user=OuterRef("pk"), confirmed=True)
)


def is_set_up(user: Any) -> bool:
    """Whether the account has a factor: an app that gave a code, or a passkey."""
    return SecondFactor.objects.filter(user_id=user.pk).exclude(seed="").exists() or has_passkey(user)


def has_passkey(user: Any) -> bool:
    return WebAuthnCredential.objects.filter(user_id=user.pk, confirmed=True).exists()


def locked(user: Any) -> SecondFactor:
    """The account's row, made if there is none, locked until the caller's transaction ends."""
    SecondFactor.objects.get_or_create(user_id=user.pk)
    return SecondFactor.objects.select_for_update().get(user_id=user.pk)


# Checking


@transaction.atomic
def check(*, user: Any, code: str) -> Checked:
    """
    Accept a code of the app or a backup code, each one once; five wrong ones in a row lock the account for a while.

    While it is locked, no code is read: a right one cannot be found by trying.
    """
    factor, now = locked(user), timezone.now()
    if factor.locked_until and now < factor.locked_until:
        return Checked(False, factor.locked_until)
    typed = "".join(plain(code).split()).replace("-", "").upper()
    if not (_is_of_the_app(factor, typed) or _is_a_backup_code(factor, typed)):
        return _wrong(factor)
    factor.wrong_codes, factor.locked_until, factor.last_code_at = 0, None, now
    factor.save()
    return Checked(True)


def _wrong(factor: SecondFactor) -> Checked:
    factor.wrong_codes, factor.locked_until = factor.wrong_codes + 1, None
    if factor.wrong_codes >= limits.WRONG_CODES:
        factor.wrong_codes, factor.locked_until = 0, timezone.now() + limits.CODES_LOCKED_FOR
    factor.save()
    return Checked(False, factor.locked_until)


def _is_of_the_app(factor: SecondFactor, typed: str) -> bool:
    if not factor.seed:
        return False
    step = _step_of(secret_box.decrypt(factor.seed), typed, after=factor.last_step)
    if step is None:
        return False
    factor.last_step = step
    if secret_box.is_of_an_old_key(factor.seed):
        factor.seed = secret_box.encrypt(secret_box.decrypt(factor.seed))
    return True


def _step_of(seed: bytes, typed: str, *, after: int) -> int | None:
    """The half minute that this is the code of: the present one or a neighbor, but none up to `after`."""
    if not (typed.isascii() and typed.isdecimal() and len(typed) == 6):
        return None
    present = int(timezone.now().timestamp()) // STEP
    for step in (present, present - 1, present + 1):
        if step > after and constant_time_compare(f"{oath.hotp(seed, step):06}", typed):
            return step
    return None


def _is_a_backup_code(factor: SecondFactor, typed: str) -> bool:
    unused = factor.backup_codes.filter(used_at=None, digest__in=secret_box.digests(f"{factor.user_id}:{typed}"))
    return bool(unused.update(used_at=timezone.now()))


# Setting up


@transaction.atomic
def offer_seed(user: Any) -> str:
    """The seed that a page shows, in base32; the same until a code of it was typed. It counts from then on."""
    factor = locked(user)
    if not factor.new_seed:
        factor.new_seed = secret_box.encrypt(secrets.token_bytes(20))
        factor.save(update_fields=["new_seed"])
    return base64.b32encode(secret_box.decrypt(factor.new_seed)).decode()


def address_for_app(user: Any, seed: str, clinic: str) -> str:
    """What the picture says to an authenticator app. Source: Google Authenticator's Key Uri Format."""
    issuer = quote(clinic.replace(":", " "), safe="")
    return f"otpauth://totp/{issuer}:{quote(user.get_username(), safe='')}?secret={seed}&issuer={issuer}"


@transaction.atomic
def take_app(*, user: Any, code: str) -> Checked:
    """Let the seed that was shown count, once a code of it was typed; the seed before it counts no longer."""
    factor, now = locked(user), timezone.now()
    if factor.locked_until and now < factor.locked_until:
        return Checked(False, factor.locked_until)
    typed = "".join(code.split())
    step = _step_of(secret_box.decrypt(factor.new_seed), typed, after=0) if factor.new_seed else None
    if step is None:
        return _wrong(factor)
    factor.seed, factor.new_seed, factor.last_step = factor.new_seed, "", step
    set_up(factor)
    return Checked(True)


def set_up(factor: SecondFactor) -> None:
    """End the invitation, which is good for one time; other browsers ask again."""
    factor.invitation, factor.invited_at, factor.invited_by_mail = "", None, False
    factor.wrong_codes, factor.locked_until, factor.last_code_at = 0, None, timezone.now()
    factor.generation = secrets.token_hex(8)
    factor.save()


@transaction.atomic
def new_backup_codes(user: Any) -> list[str]:
    """Ten codes to print, like K7QXM-2W9TB. Those before them count no longer; nobody can read them a second time."""
    factor = locked(user)
    factor.backup_codes.all().delete()
    codes = ["".join(secrets.choice(LETTERS) for _ in range(10)) for _ in range(limits.BACKUP_CODES)]
    BackupCode.objects.bulk_create(
        BackupCode(factor=factor, digest=secret_box.digests(f"{user.pk}:{code}")[0]) for code in codes
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


# Invitations


@transaction.atomic
def invite(user: Any, *, by_mail: bool) -> str:
    """A token that opens the page to set up a factor, for 72 hours and one time; one before it opens nothing."""
    factor = locked(user)
    factor.invitation, factor.invited_at, factor.invited_by_mail = secrets.token_hex(16), timezone.now(), by_mail
    factor.save()
    return _token(factor)


@transaction.atomic
def invite_at_first_sign_in(user: Any) -> str | None:
    """
    The token for an account that nobody has invited by mail and that has had no factor, here or where clinic accounts
    are, from its first sign-in on.

    None when that invitation has ended, when a mail alone opens it, or when there is a factor already.
    """
    is_new = not SecondFactor.objects.filter(user_id=user.pk).exists()
    factor = locked(user)
    if is_set_up(user):
        return None
    if is_new:
        return invite(user, by_mail=False)
    if factor.invited_by_mail or not _is_open(factor):
        return None
    return _token(factor)


def is_no_longer_new(user: Any) -> None:
    """
    Note that the account gave a second factor elsewhere: from now on, its password alone sets none up here.

    Whoever reads its user's mail can choose that password.
    """
    SecondFactor.objects.get_or_create(user_id=user.pk)


def is_invited(user: Any, token: str) -> bool:
    """Whether the token is this user's open invitation."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=limits.INVITED_FOR)
    except signing.BadSignature:
        return False
    factor = of(user)
    return bool(factor and _is_open(factor) and said == [user.pk, factor.invitation])


def _is_open(factor: SecondFactor) -> bool:
    return bool(factor.invitation and factor.invited_at and timezone.now() < factor.invited_at + limits.INVITED_FOR)


def _token(factor: SecondFactor) -> str:
    return signing.dumps([factor.user_id, factor.invitation], salt=_SALT)


@transaction.atomic
def reset(user: Any) -> str:
    """
    Take away app, passkeys, backup codes and the clinic account, end all sessions, and invite to set up new ones.

    The clinic account that signs in next with the user's address is the user's: who got a new one there asks for it.

    Returns the invitation's token.
    """
    factor = locked(user)
    WebAuthnCredential.objects.filter(user_id=user.pk).delete()
    ClinicAccount.objects.filter(user_id=user.pk).delete()
    factor.backup_codes.all().delete()
    factor.seed = factor.new_seed = ""
    factor.wrong_codes, factor.locked_until, factor.generation = 0, None, secrets.token_hex(8)
    factor.save()
    StaffSession.objects.of(user).end(timezone.now())
    return invite(user, by_mail=True)
