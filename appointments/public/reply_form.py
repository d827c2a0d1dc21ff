"""The form on the inquiry's own page."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from appointments.public.fields import IdempotencyKeyField, Text
from appointments.public.forms import NOTHING_MEDICAL
from clinic.typed_text import validate_visible


class ReplyForm(forms.Form):
    """What a patient writes back on the inquiry's own page."""

    use_required_attribute = False

    words = Text(
        label=_("Write to us"),
        help_text=NOTHING_MEDICAL,
        missing=_("Enter your message"),
        validators=[validate_visible],
        longest=2000,
        too_long=_("Your message must be 2,000 characters or less"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    idempotency_key = IdempotencyKeyField(required=False, widget=forms.HiddenInput, initial=uuid4)
