from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.digests import SHA256

# What may stand behind `::: drawing`.
NAME = r"[a-z0-9]+(-[a-z0-9]+)*"


class Drawing(models.Model):
    """
    A drawing that an editor has uploaded, as `procedures.svg` wrote it anew. It is never changed.

    A page names it in words that a clinician signs: another drawing has another name.
    """

    slug = models.CharField(
        _("name"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(rf"\A{NAME}\Z", _("Write small letters, digits and dashes, like spine-side."))],
        help_text=_("How pages name it, like spine-side. It stays as it is."),
    )
    alt = models.CharField(
        _("what it shows"),
        max_length=300,
        help_text=_("In words, for people who cannot see it. Claim no more than the facts."),
    )
    svg = models.TextField(editable=False)
    width = models.PositiveSmallIntegerField(editable=False)
    height = models.PositiveSmallIntegerField(editable=False)
    # Its address: what is kept under it for long never changes.
    digest = models.GeneratedField(
        expression=SHA256("svg"), output_field=models.CharField(max_length=64), db_persist=True
    )
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    class Meta:
        verbose_name = _("drawing")
        verbose_name_plural = _("drawings")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                name="a_drawing_has_a_name_that_words_can_say", condition=Q(slug__regex=rf"^{NAME}$")
            ),
            models.CheckConstraint(
                name="a_drawing_says_what_it_shows",
                condition=~Q(alt=""),
            ),
        ]
        indexes = [models.Index(fields=["digest"], name="drawing_at_an_address")]

    def __str__(self):
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse("drawing", args=[self.digest])
