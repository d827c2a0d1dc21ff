"""What the clinic tells every visitor: announcements for a while, and legal notices."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import timeline
from clinic.typed_text import isolated


class Announcement(models.Model):
    """One sentence on top of every page for a while, like "Closed today after noon"."""

    words = models.CharField(_("words"), max_length=200)
    starts_at = models.DateTimeField(_("shown from"))
    ends_at = models.DateTimeField(_("shown until"))

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ["-starts_at"]
        constraints = [timeline.valid_period("an_announcement_ends_after_it_starts")]

    def __str__(self):
        return isolated(self.words)


class Notice(models.Model):
    """A legal text of the clinic's own, linked in every footer once the clinic has written it."""

    class Slug(models.TextChoices):
        PRIVACY_PRACTICES = "privacy-practices", _("Notice of Privacy Practices")
        NONDISCRIMINATION = "nondiscrimination", _("Nondiscrimination")
        LANGUAGE_HELP = "language-help", _("Language and communication help")

    slug = models.SlugField(_("notice"), max_length=40, unique=True, choices=Slug)
    body = models.TextField(
        _("text"), max_length=50_000, blank=True, help_text=_("An empty line begins a new paragraph.")
    )
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("legal notice")
        verbose_name_plural = _("legal notices")
        ordering = ["pk"]

    def __str__(self):
        return str(self.get_slug_display())

    def get_absolute_url(self) -> str:
        return reverse("notice", args=[self.slug])
