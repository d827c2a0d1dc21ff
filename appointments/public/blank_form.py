"""The form before anybody has typed anything: the same for everyone within a minute, so it is drawn once in it."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from crispy_forms.utils import render_crispy_form
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from appointments.models import InquiryKind
from appointments.public.forms import NOT_SURE, InquiryForm
from procedures.models import Procedure


class Choice(NamedTuple):
    """A procedure as the form offers it: what is drawn hangs on its words, and not on its row."""

    slug: str
    name: str


def html(now: datetime, procedure: str = NOT_SURE, kind: InquiryKind | None = None) -> SafeString:
    """The form with the sum of `now`, and with the procedure of this slug and this kind selected."""
    choices = tuple(Choice(each.slug, each.name) for each in Procedure.objects.published())
    return _drawn(int(now.timestamp()) // 60, procedure, kind, choices, get_language())


@lru_cache(maxsize=64)
def _drawn(
    minute: int, procedure: str, kind: InquiryKind | None, choices: tuple[Choice, ...], language: str | None
) -> SafeString:
    now = datetime.fromtimestamp(minute * 60, UTC)
    return render_crispy_form(InquiryForm(now=now, procedure=procedure, kind=kind, procedures=choices))
