"""The link to an inquiry's own page: who may open it, how often somebody may be wrong."""

from enum import Enum

import pghistory
from django.db import transaction

from appointments.actors import NO_PROOF, Actor
from appointments.errors import NotPossible
from appointments.inquiries.changing import changing
from appointments.models import Inquiry
from clinic.busy import busy_after_waiting

STRANGER = Actor.visitor(proof=NO_PROOF)


class Verdict(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


def try_digits(*, inquiry: Inquiry, digits: str) -> tuple[Verdict, int]:
    """
    Whether these digits open the own page, and how many tries are left.

    A wrong one is counted under the row's lock: those who try at the same moment have five tries together, and the
    inquiry's version stays, so that nobody without a proof disturbs the front desk. Raises NotPossible where it is
    erased; Busy where somebody does not let go of the row in time.
    """
    with busy_after_waiting(), transaction.atomic(), pghistory.context(**STRANGER.metadata):
        row = Inquiry.objects.select_for_update(no_key=True).get(pk=inquiry.pk)
        if row.erased_at:
            raise NotPossible("erased")
        if row.is_locked:
            return Verdict.LOCKED, 0
        if digits == row.proof_digits:
            return Verdict.RIGHT, row.tries_left
        row.wrong_tries += 1
        row.save(update_fields=["wrong_tries"])
        return (Verdict.LOCKED if row.is_locked else Verdict.WRONG), row.tries_left


def allow_tries(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    """Let the people of a locked link try again: they have called."""
    with changing(inquiry, version, by) as row:
        row.wrong_tries = 0
    return row
