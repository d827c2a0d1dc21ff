"""Days and times in the browser's own fields: shorter than the admin's, and the same without JavaScript."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DAY = {"type": "date"}
TIME = {"type": "time"}


def day() -> forms.DateInput:
    return forms.DateInput(DAY, "%Y-%m-%d")


class DayAndTime(forms.SplitDateTimeWidget):
    def __init__(self) -> None:
        super().__init__(
            date_attrs={**DAY, "aria-label": _("Day")},  # type: ignore[dict-item]
            time_attrs={**TIME, "aria-label": _("Time")},  # type: ignore[dict-item]
            date_format="%Y-%m-%d",
            time_format="%H:%M",
        )

    def decompress(self, value: Any) -> tuple[date | None, time | None]:
        """A link may begin a form with any words: what is no moment fills in nothing."""
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                value = None
        return super().decompress(value)


class TodayUnlessSaid(forms.SplitDateTimeField):
    """A day and a time; of a time without a day, today is meant."""

    widget = DayAndTime

    def clean(self, value: Any) -> Any:
        if isinstance(value, list | tuple) and len(value) == 2 and value[1] and not value[0]:
            value = [timezone.localdate(), value[1]]
        return super().clean(value)


OF_THE_BROWSER: dict[type[models.Field], dict[str, Any]] = {
    models.DateField: {"widget": day()},
    models.TimeField: {"widget": forms.TimeInput(TIME, "%H:%M")},
    models.DateTimeField: {"widget": DayAndTime},
}
