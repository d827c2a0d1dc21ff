"""Staff's one-line fields: what ends a line is a space there, as in the form of visitors."""

from typing import Any

from django import forms
from django.contrib.admin.options import FORMFIELD_FOR_DBFIELD_DEFAULTS
from django.contrib.admin.widgets import AdminEmailInputWidget, AdminTextInputWidget, AdminURLFieldWidget
from django.db import models

from clinic import mailboxes
from clinic.typed_text import one_line, plain


class _OneLine(forms.Widget):
    """A browser sends no line in it that has ended, but signs that end one and look like nothing."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return one_line(value) if isinstance(value, str) else value


class OneLineInput(_OneLine, forms.TextInput):
    """For a field that a form of ours declares."""


class _Address(forms.Widget):
    """An address of a mailbox: what is copied often brings signs along that look like nothing."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return mailboxes.typed(value) if isinstance(value, str) else value


class AddressInput(_Address, forms.EmailInput):
    """For an address that a form of ours asks for."""


class _AdminAddressInput(_Address, AdminEmailInputWidget):
    pass


class _AdminURLInput(AdminURLFieldWidget):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return plain(value) if isinstance(value, str) else value


class _AdminOneLineInput(_OneLine, AdminTextInputWidget):
    """For a field that the admin makes."""


def use_in_admin() -> None:
    """
    Have each field that the admin makes of a row's short text be one line without unseen signs, in inlines and forms of
    Django's, too.

    The admin reads its table of fields when a ModelAdmin is made: an attribute of a class of ours could be forgotten.
    """
    FORMFIELD_FOR_DBFIELD_DEFAULTS[models.CharField] = {"widget": _AdminOneLineInput}
    FORMFIELD_FOR_DBFIELD_DEFAULTS[models.EmailField] = {"widget": _AdminAddressInput}
    FORMFIELD_FOR_DBFIELD_DEFAULTS[models.URLField] = {"widget": _AdminURLInput}
