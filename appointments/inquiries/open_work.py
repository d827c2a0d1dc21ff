"""The inquiries that somebody of the staff has taken and that are not done, and how they come back to everybody."""

from contextlib import suppress
from typing import Any

from django.db.models import QuerySet

from appointments.actors import Actor
from appointments.errors import NotPossible
from appointments.inquiries.changing import changing
from appointments.models import Inquiry, InquiryStatus


def open_work() -> QuerySet[Inquiry]:
    """All that somebody has taken and that is not closed."""
    taken = Inquiry.objects.filter(assigned_to__isnull=False, erased_at=None)
    return taken.exclude(status=InquiryStatus.CLOSED)


def give_back(*, of: Any, by: Actor) -> int:
    """Nobody has what `of` had taken and that is not done: any colleague may take it. Return how many those are."""
    given_back = 0
    # In the order of their ids: two who do so do not wait for each other for ever.
    for inquiry in open_work().filter(assigned_to=of).order_by("pk"):
        with suppress(NotPossible), changing(inquiry, None, by) as row:  # Erased a moment ago.
            if row.assigned_to_id == of.pk and row.status != InquiryStatus.CLOSED:
                row.assigned_to = None
                given_back += 1
    return given_back
