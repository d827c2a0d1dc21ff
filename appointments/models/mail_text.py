from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from appointments.models.notification_kind import MAIL_CHOICES
from clinic.languages import SITE_LANGUAGE


class MailText(models.Model):
    """The clinic's own words for one kind of mail, in one language; without a row, the site's words are used."""

    kind = models.CharField(_("kind"), max_length=16, choices=MAIL_CHOICES)
    language = models.CharField(
        _("language"),
        max_length=12,
        default=SITE_LANGUAGE,
        validators=[RegexValidator(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")],
    )
    subject = models.CharField(_("subject"), max_length=120)
    body = models.TextField(_("text"), max_length=4000)

    class Meta:
        verbose_name = _("mail text")
        verbose_name_plural = _("mail texts")
        ordering = ["kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "language"],
                name="a_kind_of_mail_has_one_text_in_a_language",
                violation_error_message=_("There are words for this kind of mail already: change those."),
            )
        ]

    def __str__(self):
        return str(self.get_kind_display())
