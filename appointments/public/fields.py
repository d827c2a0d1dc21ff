"""Fields of the forms that visitors send: what is typed is kept, or refused with a sentence, never cut."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from clinic import mailboxes
from clinic.typed_text import BIDI_CONTROLS, one_line, validate_readable


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
        lines = (super().to_python(value) or "").replace("\r\n", "\n").translate(BIDI_CONTROLS)
        return lines if isinstance(self.widget, forms.Textarea) else one_line(lines)


class Address(Text):
    """The address of a mailbox, without signs that nobody sees in it."""

    def to_python(self, value: Any) -> str:
        return mailboxes.typed(super().to_python(value))


class Languages(forms.Select):
    """A list of languages that are named in themselves, each said so for a screen reader."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value:
            option["attrs"]["lang"] = value
        return option


class IdempotencyKeyField(forms.UUIDField):
    """Drawn when the page was shown: what is sent twice is one message. Nothing else depends on it."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            return None


def radios(choices: Any, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **kwargs)
