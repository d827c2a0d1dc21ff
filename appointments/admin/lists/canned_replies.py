"""The answers that the front desk may pick, as the manager writes them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.inquiries import canned_replies
from appointments.models import CannedReply
from clinic.began_with import BeganWith


def _in_braces(names: Any) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


class CannedReplyForm(forms.ModelForm):
    class Meta:
        model = CannedReply
        fields = ["title", "words"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if "words" in self.fields:
            words = _("Filled in for each inquiry: %(names)s.")
            self.fields["words"].help_text = words % {"names": _in_braces(canned_replies.PLACEHOLDERS)}

    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"]
        if unknown := canned_replies.unknown(words):
            said = gettext("There is no %(unknown)s. There are: %(names)s.") % {
                "unknown": _in_braces(unknown), "names": _in_braces(canned_replies.PLACEHOLDERS),
            }  # fmt: skip
            raise forms.ValidationError(said)
        return words


class CannedReplyAdmin(BeganWith):
    form = CannedReplyForm
    list_display = ["title", "preview"]
    fields = ["title", "words", "preview"]
    readonly_fields = ["preview"]

    @admin.display(description=_("as it reads"))
    def preview(self, reply: CannedReply) -> SafeString | str:
        if not reply.pk:
            return "–"
        words = canned_replies.fill(reply.words, canned_replies.PLACEHOLDERS)
        return format_html('<span class="canned-words">{}</span>', words)
