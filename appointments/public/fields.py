"""Fields of the forms that visitors send: what is typed is kept, or refused with a sentence, never cut."""

from collections.abc import Callable, Collection
from copy import deepcopy
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


class _Shared(dict[str, forms.Field]):
    own: Collection[str] = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, forms.Field]:
        return {name: deepcopy(field, memo) if name in self.own else field for name, field in self.items()}


def copies_only[Form: type[forms.Form]](*names: str) -> Callable[[Form], Form]:
    """
    Let each form have these fields for itself, and all forms share the others, which nothing may change.

    Django copies every field for each form, with its widget and choices.
    """

    def shared(form: Form) -> Form:
        form.base_fields = _Shared(form.base_fields)
        form.base_fields.own = names
        return form

    return shared
