"""One person wrote twice: one inquiry goes on, the other is closed and says so. Nothing is merged."""

from appointments.actors import Actor
from appointments.errors import NotPossible
from appointments.inquiries.changing import changing
from appointments.inquiries.lifecycle import move_by_hand
from appointments.models import Inquiry, InquiryStatus


def same_as(*, inquiry: Inquiry, other: Inquiry, version: int, by: Actor) -> Inquiry:
    """
    Close the inquiry as that of the same person as `other`, which goes on as it is.

    Each keeps its words, its own page, its calls and its times. Where `other` is said to be the same as a third one,
    this one is the third one's, too. Raises NotPossible where that leads back to the inquiry itself, or `other` is
    erased; ChangedMeanwhile like any decision.
    """
    with changing(inquiry, version, by) as row:
        goes_on = other.same_as_id or other.pk
        if goes_on == row.pk or other.erased_at:
            raise NotPossible("the same as itself, or as what is erased")
        row.same_as_id = goes_on
        if row.status != InquiryStatus.CLOSED:
            move_by_hand(row, InquiryStatus.CLOSED)
    return row


def not_the_same(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    """Say no longer that it is somebody's who has another inquiry; its state stays."""
    with changing(inquiry, version, by) as row:
        row.same_as_id = None
    return row
