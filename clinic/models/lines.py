"""Lines of every footer: where else the clinic is found, and words for speakers of other languages."""

from django.conf.locale import LANG_INFO
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models.clinic import Clinic, validate_https


class SocialLink(models.Model):
    """The clinic on another site: a plain link, hidden while its address is empty."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="social_links", default=1)
    name = models.CharField(_("name"), max_length=40)
    url = models.URLField(_("address"), blank=True, validators=[validate_https])

    class Meta:
        verbose_name = _("social link")
        verbose_name_plural = _("social links")
        ordering = ["name"]
        constraints = [models.UniqueConstraint("name", name="a_social_network_is_listed_once")]

    def __str__(self):
        return self.name


class LanguageLine(models.Model):
    """What the clinic says to people who speak another language: in every header, and in the emergency card."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="language_lines", default=1)
    language = models.CharField(
        _("language code"), max_length=12, help_text=_("es for Spanish, zh for Chinese: screen readers need it.")
    )
    words = models.CharField(
        _("words"), max_length=200, help_text=_("In every header, as a link that calls you. Like: Hablamos español.")
    )
    emergency_words = models.CharField(
        _("words for an emergency"),
        max_length=200,
        blank=True,
        help_text=_("In the emergency card, as a link that calls 911. Empty: the card is in English only."),
    )
    translator = models.CharField(
        _("translated by"),
        max_length=150,
        blank=True,
        help_text=_("Who answers for these words. Empty: visitors do not see them. No page shows this name."),
    )

    class Meta:
        verbose_name = _("line for another language")
        verbose_name_plural = _("lines for other languages")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="a_language_line_names_a_language_code",
                condition=Q(language__regex=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
                violation_error_message=_("Enter a language code like es or zh-Hant."),
            )
        ]

    def __str__(self):
        return self.words

    @property
    def direction(self) -> str:
        """How these words are written, "rtl" or "ltr", as Django knows of the language; an unknown one is "ltr"."""
        return "rtl" if LANG_INFO.get(self.language.partition("-")[0].lower(), {}).get("bidi") else "ltr"
