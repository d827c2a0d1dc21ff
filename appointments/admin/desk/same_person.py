"""The desk's part on others who may be the same person: what they share, their visits, and a press that says so."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils.translation import gettext

from appointments.actors import Actor
from appointments.admin import wording
from appointments.admin.base import as_key
from appointments.bookings.people_like import Alike
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.inquiries import same_person
from appointments.models import Inquiry, InquiryStatus

PREFIX = "same-"
# So many stand open where nobody is surely the same, or has a visit to come.
OPEN = 2
# Says no longer that it is somebody's who has another inquiry.
NOT_THE_SAME = "same-not"


def context(inquiry: Inquiry, others: Sequence[Alike]) -> dict[str, Any]:
    """Those that matter before a time is given stand open on the page: the same person's, and who has a visit."""
    open_ones = [each for each in others if each.is_linked or each.visits.to_come] or others[:OPEN]
    return {
        "others": [_row(inquiry, each) for each in open_ones],
        "more_others": [_row(inquiry, each) for each in others if each not in open_ones],
    }


def _row(inquiry: Inquiry, each: Alike) -> dict[str, Any]:
    is_offered = not (each.is_linked or inquiry.same_as_id)
    words = [_same(each), *wording.had(each.visits), wording.state(each.inquiry)]
    return {
        "inquiry": each.inquiry,
        "is_linked": each.is_linked,
        "to_come": each.visits.to_come,
        "words": [word for word in words if word],
        "do": f"{PREFIX}{each.inquiry.pk}" if is_offered else "",
        "button": _button(inquiry, each.inquiry),
    }


def _button(inquiry: Inquiry, other: Inquiry) -> str:
    is_open = inquiry.status != InquiryStatus.CLOSED
    words = gettext("Same as %s: close this one") if is_open else gettext("Same as %s")
    return words % other.shown_reference


def _same(each: Alike) -> str:
    words = {
        gettext("phone"): each.has_same_phone,
        gettext("email"): each.has_same_email,
        gettext("name"): each.has_same_name,
    }
    shared = [word for word, is_same in words.items() if is_same]
    return gettext("same %s") % ", ".join(shared) if shared else ""


def asked_first(inquiry: Inquiry, do: str) -> dict[str, Any]:
    """What is asked before: whether nobody is to answer them, where the other inquiry is closed, too."""
    other = _other(do)
    if other is None or inquiry.answered_at or not inquiry.is_waiting_for_us or other.status != InquiryStatus.CLOSED:
        return {}
    words = gettext("Nobody has answered this one, and %s is closed. Close this one, too?")
    return {"words": words % other.shown_reference, "do": do, "button": _button(inquiry, other)}


def said(inquiry: Inquiry, do: str) -> str:
    """What the press did: "Rosa Lind: the same person as K7QM-3XHT, and this one is closed"."""
    if do == NOT_THE_SAME:
        return gettext("%s: not the same person any longer") % inquiry.who_comes
    words = gettext("%(who)s: the same person as %(other)s; this one is closed")
    return words % {"who": inquiry.who_comes, "other": other.shown_reference} if (other := _other(do)) else ""


def act(request: HttpRequest, inquiry: Inquiry, do: str, *, version: int, by: Actor) -> None:
    """Do what a button of this part says; what can't be is said in a sentence. Raises BadRequest."""
    other = _other(do)
    if other is None and do != NOT_THE_SAME:
        raise BadRequest("nobody's inquiry")
    try:
        if other is None:
            same_person.not_the_same(inquiry=inquiry, version=version, by=by)
        else:
            same_person.same_as(inquiry=inquiry, other=other, version=version, by=by)
    except ChangedMeanwhile:
        messages.warning(request, wording.CHANGED_MEANWHILE)
    except NotPossible:
        messages.warning(request, wording.REFUSALS[NotPossible])


def _other(do: str) -> Inquiry | None:
    if not do.startswith(PREFIX):
        return None
    return Inquiry.objects.filter(pk=as_key(do.removeprefix(PREFIX)), erased_at=None).first()
