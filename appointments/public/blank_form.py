"""The form before anybody has typed anything: the same for everyone within a minute, so it is drawn once in it."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from crispy_forms.utils import render_crispy_form
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from appointments.public.forms import NOT_SURE, InquiryForm
from procedures.models import Procedure


def html(now: datetime, procedure: str = NOT_SURE) -> SafeString:
    """The form with the sum of `now`, and with the procedure of this slug selected."""
    procedures = Procedure.objects.published().values_list("slug", "name", named=True)
    return _drawn(int(now.timestamp()) // 60, procedure, tuple(procedures), get_language())


@lru_cache(maxsize=64)
def _drawn(minute: int, procedure: str, procedures: tuple[Any, ...], language: str | None) -> SafeString:
    now = datetime.fromtimestamp(minute * 60, UTC)
    return render_crispy_form(InquiryForm(now=now, procedure=procedure, procedures=procedures))
