"""What an inquiry's own page says of the waiting list: that they wait, since when and for what, or how one joins it."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from appointments.bookings import wishes
from appointments.models import InquiryKind, InquiryScreening, VisitType, WaitingListWish
from appointments.public.standing import Standing


@dataclass(frozen=True)
class WaitingPanel:
    """They wait `since` then; `is_for_any_time` where they have none to come before."""

    since: datetime
    wish: WaitingListWish
    is_for_any_time: bool
    address: str


def panel(page: Standing) -> WaitingPanel | None:
    """What it says to somebody who waits; None for others."""
    since, wish = page.inquiry.waiting_list_since, getattr(page.inquiry, "waiting_list_wish", None)
    if since is None or wish is None or page.is_gone or (page.theirs and not page.has_time):
        return None
    return WaitingPanel(since, wish, not page.has_time, address(page))


def invitation(page: Standing) -> str:
    """The address at which somebody without a time joins the list; empty where they cannot, or wait already."""
    return address(page) if may_join(page) and not panel(page) and wishes.kinds().exists() else ""


def may_join(page: Standing) -> bool:
    """Whether they may say what they wait for: with a time or without, once somebody has looked at the inquiry."""
    inquiry = page.inquiry
    if inquiry.screening != InquiryScreening.PASSED or not inquiry.may_be_told or page.proposals or page.is_gone:
        return False
    return page.has_time or (inquiry.kind == InquiryKind.APPOINTMENT and page.theirs is None)


def known_kind(page: Standing) -> VisitType | None:
    """The kind of visit of the time that they have: an earlier one is for the same."""
    return page.to_come.visit_type if page.has_time and page.to_come else None


def address(page: Standing) -> str:
    return reverse("inquiry_waiting", args=[page.inquiry.key])
