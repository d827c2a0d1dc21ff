"""Fields of the forms that visitors send: what is typed is kept, or refused with a sentence, never cut."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _


def validate_readable(words: str) -> None:
    """Refuse what stands for bytes that were no UTF-8, and control signs: kept as they are, a word is lost."""
    if any(c == "\ufffd" or (unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t\0") for c in words):
        raise ValidationError(_("This has a sign that we could not read. Please type it again."))


# Signs that turn the direction of what follows, also of what we write after them.
TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# Letters to Unicode that show nothing.
FILLERS = "\u115f\u1160\u3164\uffa0"


def validate_visible(words: str) -> None:
    """Refuse a text in which there is nothing to read."""
    if not any(c.isalnum() and c not in FILLERS for c in words):
        raise ValidationError(_("This has no letters or digits. Please type it again."))


class Text(forms.CharField):
    """
    Text of at most `longest` signs, with a sentence for too much of it.

    There is no maxlength attribute: browsers cut off what is pasted past it, without a word.
    """

    default_validators = [validate_readable]

    def __init__(self, *, longest: int, too_long: Any, missing: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.validators.append(MaxLengthValidator(longest, too_long))
        if missing:
            self.error_messages["required"] = missing

    def to_python(self, value: Any) -> str:
        lines = (super().to_python(value) or "").replace("\r\n", "\n").translate(TURNING)
        return lines if isinstance(self.widget, forms.Textarea) else lines.replace("\n", " ")


class Once(forms.UUIDField):
    """Drawn when the page was shown: what is sent twice is one message. Nothing else depends on it."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            return None
