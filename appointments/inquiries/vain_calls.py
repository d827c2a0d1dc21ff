"""Calls that reached nobody: how often somebody has tried since they were last spoken with."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from appointments.models import Call
from appointments.models.log import Outcome

# After so many calls in vain the next one is in vain, too: somebody writes a letter, or a note about what else to try.
ENOUGH = 3


def vain_calls(inquiries: Iterable[int]) -> Mapping[int, Sequence[datetime]]:
    """For each of these inquiries (ids), when it was called in vain since anybody was reached; one statement."""
    vain: dict[int, list[datetime]] = defaultdict(list)
    calls = Call.objects.filter(inquiry__in=list(inquiries)).order_by("created_at", "pk")
    for inquiry, outcome, at in calls.values_list("inquiry_id", "outcome", "created_at"):
        if outcome == Outcome.REACHED:
            vain[inquiry].clear()
        elif outcome in Outcome.in_vain():
            vain[inquiry].append(at)
    return vain
