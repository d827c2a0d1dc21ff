import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_generation() -> str:
    return secrets.token_hex(8)


class SecondFactor(models.Model):
    """
    What an account shows beside its password. The verbs on it lock this row, in clinic/accounts/second_factor.py.

    Passkeys are rows of django-otp-webauthn.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_factor")
    seed = models.TextField(_("the app's seed, encrypted"), blank=True, editable=False)
    # A seed counts once a code of it was typed; until then it waits here for the page that shows it.
    new_seed = models.TextField(_("a seed that waits for its first code, encrypted"), blank=True, editable=False)
    last_step = models.BigIntegerField(_("half minute of the last accepted code"), default=0, editable=False)
    wrong_codes = models.PositiveSmallIntegerField(_("wrong codes in a row"), default=0, editable=False)
    locked_until = models.DateTimeField(_("no code is read until"), null=True, blank=True, editable=False)
    last_code_at = models.DateTimeField(_("last accepted"), null=True, blank=True, editable=False)
    # Who may set one up. Without an invitation, nobody may.
    invitation = models.CharField(_("open invitation"), max_length=32, blank=True, editable=False)
    invited_at = models.DateTimeField(_("invited"), null=True, blank=True, editable=False)
    invited_by_mail = models.BooleanField(_("the password alone does not open the invitation"), default=False)
    # Browsers that gave a code hold a cookie with it: a new one makes them all ask again.
    generation = models.CharField(max_length=16, default=new_generation, editable=False)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        default_permissions = ()
        permissions = [("reset_secondfactor", "Can reset somebody's second factor")]

    def __str__(self) -> str:
        return str(self.user)


class BackupCode(models.Model):
    """One of the codes that somebody printed. Only its keyed hash is kept; a used one stays, as used."""

    factor = models.ForeignKey(SecondFactor, models.CASCADE, related_name="backup_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["factor", "digest"], name="a_backup_code_is_there_once"),
        ]

    def __str__(self) -> str:
        return f"Backup code {self.pk}"
