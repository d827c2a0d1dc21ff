"""Calls that reached nobody: how often somebody has tried since they were last spoken with."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from appointments.models import Call
from appointments.models.log import Outcome

# After so many calls in vain the next one is in vain, too: somebody writes a letter, or a note about what else to try.
ENOUGH = 3


class Try(NamedTuple):
    """One call that reached nobody: when, and what happened."""

    at: datetime
    outcome: Outcome


def tries(inquiries: Iterable[int]) -> Mapping[int, Sequence[Try]]:
    """
    For each of these inquiries (ids), how often it was called since anybody was reached; one statement.

    A machine that took a message counts: nobody has heard yet what there is to say.
    """
    calls = Call.objects.standing().filter(inquiry__in=list(inquiries)).order_by("created_at", "pk")
    return since_reached(calls.values_list("inquiry_id", "outcome", "created_at"))


def since_reached(calls: Iterable[tuple[int, str, datetime]]) -> Mapping[int, Sequence[Try]]:
    """The same of calls that are read already, the oldest first: of which inquiry, how it went, and when."""
    made: dict[int, list[Try]] = defaultdict(list)
    for inquiry, outcome, at in calls:
        if outcome == Outcome.REACHED:
            made[inquiry].clear()
        elif outcome in (*Outcome.in_vain(), Outcome.VOICEMAIL):
            made[inquiry].append(Try(at, Outcome(outcome)))
    return made
