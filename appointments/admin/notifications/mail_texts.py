"""The clinic's own words for each kind of mail."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from appointments.models import MailText, NotificationKind
from appointments.notifications import texts
from clinic.began_with import BeganWith


class MailTextForm(forms.ModelForm):
    class Meta:
        model = MailText
        fields = ["kind", "language", "subject", "body"]

    def clean_subject(self) -> str:
        return " ".join(self.cleaned_data["subject"].split())

    def clean(self) -> dict[str, Any] | None:
        said = super().clean() or self.cleaned_data
        if {"kind", "subject", "body"} <= said.keys() and (
            problem := texts.problem(said["kind"], said["subject"], said["body"])
        ):
            self.add_error("body", problem)
        return said


class MailTextAdmin(BeganWith):
    """The clinic's own words; without them the site's are used."""

    form = MailTextForm
    list_display = ["kind", "language", "subject"]
    readonly_fields = ["preview", "sites_words"]
    fields = ["kind", "language", "subject", "body", "preview", "sites_words"]

    @admin.display(description=_("as it reads"))
    def preview(self, text: MailText) -> SafeString | str:
        if not text.pk:
            return "–"
        filled = [texts.fill(words, texts.PLACEHOLDERS) for words in (text.subject, text.body)]
        return format_html('<strong>{}</strong><pre class="mail-text">{}</pre>', *filled)

    @admin.display(description=_("the site’s words"))
    def sites_words(self, text: MailText) -> SafeString | str:
        kinds = [NotificationKind(text.kind)] if text.pk else NotificationKind.mailed()
        parts = [(kind.label, *texts.default(kind)) for kind in kinds]
        return SafeString(
            "".join(
                format_html('<p><strong>{}</strong>: {}</p><pre class="mail-text">{}</pre>', *part) for part in parts
            )
        )
