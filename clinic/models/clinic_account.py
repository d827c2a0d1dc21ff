from django.conf import settings
from django.db import models


class ClinicAccount(models.Model):
    """
    The Microsoft or Google account that somebody of the staff signs in with: its provider, and its name there.

    The provider gives `subject` to nobody else, ever; an email address it may. Source: OpenID Connect Core 1.0, 5.7.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="clinic_accounts")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="a_clinic_account_is_of_one_user"),
            models.UniqueConstraint(fields=["user", "issuer"], name="a_user_has_one_clinic_account_of_a_provider"),
        ]

    def __str__(self) -> str:
        return f"Clinic account {self.pk}"
