"""What staff can make of an inquiry by one button: its words, when it is offered, and what it asks first."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from appointments.admin.base import ERASE
from appointments.bookings.follow_up import mark_as_spam, mark_sender_as_spam
from appointments.inquiries import lifecycle, own_links
from appointments.models import Appointment, Inquiry, InquiryScreening, InquiryStatus
from appointments.models.log import Outcome


@dataclass(frozen=True)
class InquiryStep:
    """What a button says, the action behind it, and when it is offered to whom."""

    words: Any
    act: Callable[..., Any]
    offered: Callable[[Inquiry, Any], bool]
    # What to ask first, if anything, beside what was typed: the button stands beside the question then.
    asks: Callable[[Inquiry, dict[str, Any]], str] = lambda inquiry, said: ""


def _is_unanswered(inquiry: Inquiry, said: dict[str, Any]) -> str:
    if inquiry.answered_at or said["outcome"] in Outcome.answering():
        return ""
    return gettext("Nobody has answered them. Close it all the same?")


def _has_a_visit(inquiry: Inquiry, said: dict[str, Any]) -> str:
    visit = inquiry.appointments.live().filter(starts_at__gt=timezone.now()).first()
    if visit is None:
        return ""
    when = date_format(timezone.localtime(visit.starts_at), "l, N j, P")
    return gettext("Spam cancels their visit on %(when)s, and nobody is told. Go on?") % {"when": when}


def _of_sender_has_a_visit(inquiry: Inquiry, said: dict[str, Any]) -> str:
    of_sender = Inquiry.objects.of_sender(inquiry).values("pk")
    visits = Appointment.objects.live().filter(inquiry__in=of_sender, starts_at__gt=timezone.now()).count()
    words = ngettext(
        "From this sender %(n)d visit is booked. Spam cancels it, and nobody is told. Go on?",
        "From this sender %(n)d visits are booked. Spam cancels them, and nobody is told. Go on?",
        visits,
    )
    return words % {"n": visits} if visits else ""


def _to_status(words: Any, to: InquiryStatus, **more: Any) -> InquiryStep:
    return InquiryStep(
        words,
        partial(lifecycle.transition, to=to),
        lambda inquiry, user: to in lifecycle.TRANSITIONS[InquiryStatus(inquiry.status)],
        **more,
    )


STEPS = {
    "take": InquiryStep(
        _("Take it"),
        lifecycle.take,
        lambda inquiry, user: inquiry.status != InquiryStatus.CLOSED and inquiry.assigned_to != user,
    ),
    "wait": _to_status(_("Wait for patient"), InquiryStatus.WAITING_FOR_PATIENT),
    "close": _to_status(_("Close"), InquiryStatus.CLOSED, asks=_is_unanswered),
    "reopen": _to_status(_("Reopen"), InquiryStatus.OPEN),
    "spam": InquiryStep(
        _("Mark as spam"),
        mark_as_spam,
        lambda inquiry, user: inquiry.screening != InquiryScreening.SPAM,
        asks=_has_a_visit,
    ),
    "spam_all": InquiryStep(
        _("Mark as spam, with all from this sender"),
        mark_sender_as_spam,
        lambda inquiry, user: inquiry.screening != InquiryScreening.SPAM,
        asks=_of_sender_has_a_visit,
    ),
    "hold": InquiryStep(
        _("Put on hold: never erase by itself"),
        partial(lifecycle.legal_hold, on=True),
        lambda inquiry, user: not inquiry.legal_hold and user.has_perm(ERASE),
    ),
    "unhold": InquiryStep(
        _("No longer on hold"),
        partial(lifecycle.legal_hold, on=False),
        lambda inquiry, user: inquiry.legal_hold and user.has_perm(ERASE),
    ),
    "tries": InquiryStep(
        _("Let them try their page again"), own_links.allow_tries, lambda inquiry, user: inquiry.is_locked
    ),
    "release": InquiryStep(
        _("Move to the inbox"), lifecycle.release, lambda inquiry, user: inquiry.screening != InquiryScreening.PASSED
    ),
}
