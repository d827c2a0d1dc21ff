"""The form before anybody has typed anything: the same for everyone within a minute, so it is drawn once in it."""

from datetime import UTC, datetime
from functools import lru_cache

from crispy_forms.utils import render_crispy_form
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from appointments.models import InquiryKind
from appointments.public.forms import NOT_SURE, InquiryForm
from clinic.as_read import AsRead
from procedures.models import Procedure


def html(now: datetime, procedure: str = NOT_SURE, kind: InquiryKind | None = None) -> SafeString:
    """The form with the sum of `now`, and with the procedure of this slug and this kind selected."""
    return _drawn(int(now.timestamp()) // 60, procedure, kind, Procedure.objects.published(), get_language())


@lru_cache(maxsize=64)
def _drawn(
    minute: int, procedure: str, kind: InquiryKind | None, choices: AsRead[Procedure], language: str | None
) -> SafeString:
    now = datetime.fromtimestamp(minute * 60, UTC)
    return render_crispy_form(InquiryForm(now=now, procedure=procedure, kind=kind, procedures=choices))
