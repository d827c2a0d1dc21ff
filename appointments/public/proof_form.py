"""The one question before an inquiry's own page."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from appointments.models import Inquiry
from appointments.public.fields import Text
from clinic import phones

_MISSING = gettext_lazy("Enter the four digits")


class ProofForm(forms.Form):
    """Asks for the last four digits of the phone number that was given or, without one, for the code."""

    FIELD = "digits"
    use_required_attribute = False

    digits = Text(
        longest=40,
        missing=_MISSING,
        too_long=_MISSING,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "8"}),
    )

    def __init__(self, inquiry: Inquiry, data: Any = None):
        super().__init__(data)
        field = self.fields[self.FIELD]
        if inquiry.shown_code:
            field.label = gettext("Your four-digit code")
            field.help_text = gettext("It stood on the page that you saw after sending the form, and on its print")
        else:
            field.label = gettext("The last four digits of the phone number that you gave us")
            field.help_text = gettext("For example, 0123 for 212 555 0123")

    def clean_digits(self) -> str:
        """The last four of the digits that were typed: a whole phone number is right, too."""
        if digits := phones.last_four(unicodedata.normalize("NFKC", self.cleaned_data[self.FIELD])):
            return digits
        raise ValidationError(_MISSING)
