"""Rows of a week in one form of the admin: each says what is wrong by itself, all of them whether two overlap."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint
from django.utils.translation import gettext_lazy as _


class RowForm(forms.ModelForm):
    def validate_constraints(self) -> None:
        """Only what one row says by itself: rows that the same form is changing are compared by the formset."""
        model = self._meta.model
        for constraint in model._meta.constraints:
            if isinstance(constraint, CheckConstraint):
                try:
                    constraint.validate(model, self.instance, exclude=self._get_validation_exclusions())  # type: ignore[attr-defined]
                except ValidationError as error:
                    self.add_error(None, error)


class WeekFormSet(forms.BaseInlineFormSet):
    """Refuses a week in which two rows overlap, with a sentence; the constraint would only say so at the end."""

    def overlap(self, rows: list[Any]) -> bool:
        raise NotImplementedError

    def clean(self) -> None:
        super().clean()
        filled = [form for form in self.forms if form.is_valid() and form.cleaned_data]
        if self.overlap([form.instance for form in filled if not form.cleaned_data.get("DELETE")]):
            raise ValidationError(_("Two of these hours overlap on the same day."))
