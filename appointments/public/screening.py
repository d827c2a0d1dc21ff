"""What comes with a sign of a machine is checked by hand before anything happens. Nothing is thrown away."""

import re

from appointments import limits
from appointments.models import Inquiry, InquiryScreening, ScreeningReason
from appointments.public.counting import Counted

_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


def screen(inquiry: Inquiry, *, filled_trap: bool, counted: Counted) -> None:
    """Put the inquiry on the list to check by hand where something speaks for a machine, with the reason."""
    if filled_trap:
        reason = ScreeningReason.HONEYPOT
    elif not inquiry.sum_solved:
        reason = ScreeningReason.ASKED
    elif counted.is_checked_by_hand:
        reason = ScreeningReason.MANY
    elif len(_LINK.findall(" ".join((inquiry.name, inquiry.reach_note, inquiry.message)))) > limits.LINKS:
        reason = ScreeningReason.LINKS
    else:
        return
    inquiry.screening, inquiry.screening_reason = InquiryScreening.BY_HAND, reason
