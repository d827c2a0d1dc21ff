"""
What somebody has just done on an inquiry's own page, as its first line says it: without a cookie or a session.

A time that was just given, and a form that was just sent, need no such line: the page's title says it.

The address names it by a word (`?done=cancelled`). A word that is not true of the page says nothing, and no other part
of an address is ever shown.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from appointments.models import Appointment, AppointmentStatus, Inquiry
from appointments.public.own_page import OwnPage
from appointments.slots import Slot, what_changed


class FirstLine(NamedTuple):
    """What the first line says, and whether that is true of a page."""

    is_true: Callable[[OwnPage], bool]
    words: Sequence[object]


def address(inquiry: Inquiry, word: str) -> str:
    """The address of the own page whose first line says what was done."""
    return f"{inquiry.own_page_url()}?{urlencode({'done': word})}"


def address_of(given: Appointment) -> str:
    """The address of the own page that says that this time was given, or is held."""
    if given.is_held_to_check:
        return address(given.inquiry, "sent")  # The page says that it was asked for.
    return address(given.inquiry, "held" if given.status == AppointmentStatus.PENDING else "booked")


def address_of_move(inquiry: Inquiry, before: Slot, after: Slot) -> str:
    """The address of the own page that says what of their time became another one: the time, or who sees them."""
    words = {"starts_at": "moved", "practitioner_id": "somebody-else"}
    return address(inquiry, words.get(what_changed(before, after), "changed"))


def sentences(page: OwnPage, word: str) -> str:
    """What the word in the address says on this page: nothing, where it is not true."""
    return _said(FIRST_LINES.get(word), page)


def below_the_time(page: OwnPage, word: str) -> str:
    """What it says below what can be done with a time that was just given: the title says already that it was."""
    return _said(BELOW_THE_TIME.get(word), page)


def _said(line: FirstLine | None, page: OwnPage) -> str:
    return " ".join(map(str, line.words)) if line and line.is_true(page) else ""


def _has(*statuses: AppointmentStatus) -> Callable[[OwnPage], bool]:
    return lambda page: page.instead_of is not None and page.instead_of.status in statuses


def _was_other(*fields: str, same: Sequence[str] = ()) -> Callable[[OwnPage], bool]:
    """Whether their time had another value in one of these fields before, with the `same` in those."""

    def is_true(page: OwnPage) -> bool:
        theirs = page.instead_of
        if theirs is None:
            return False
        now = {field: getattr(theirs, field) for field in (*fields, *same)}
        alike = theirs.events.filter(**{field: now[field] for field in same})
        return alike.exclude(**{field: now[field] for field in fields}).exists()

    return is_true


def _has_cancelled(page: OwnPage) -> bool:
    """Their time is cancelled, or what was held for them was given back."""
    return page.is_cancelled or (
        page.appointment is None and page.inquiry.wish is None and _has_no_proposals_left(page)
    )


def _has_no_proposals_left(page: OwnPage) -> bool:
    """A time was offered or held for them until a moment, and none is any longer."""
    ended = page.inquiry.appointments.filter(status=AppointmentStatus.CANCELLED, held_until__isnull=False)
    return not page.proposals and ended.exists()


def _looks_for_earlier(page: OwnPage) -> bool:
    return page.inquiry.waiting_list_since is not None


# Said to everybody who gets a time. Only the desk sees who has two: here it would tell a stranger who is a patient.
_ANOTHER = [_("If you have another appointment with us that you do not need, please cancel it or call us.")]
BELOW_THE_TIME = {
    "booked": FirstLine(_has(AppointmentStatus.BOOKED), _ANOTHER),
    "held": FirstLine(_has(AppointmentStatus.PENDING), _ANOTHER),
}

FIRST_LINES = {
    "front-desk": FirstLine(
        lambda page: page.inquiry.is_promised and not page.has_time,
        [_("The front desk will find a time for you.")],
    ),
    "coming": FirstLine(
        lambda page: page.has_time and page.to_come is not None and page.to_come.has_said_they_will_come,
        [_("Thank you for telling us that you will come.")],
    ),
    "moved": FirstLine(_was_other("starts_at"), [_("Your appointment has moved. Your new time is below.")]),
    "somebody-else": FirstLine(
        _was_other("practitioner_id", same=["starts_at"]),
        [_("The time of your appointment stays. Somebody else will see you.")],
    ),
    "changed": FirstLine(_was_other("visit_type_id", same=["starts_at"]), [_("Your appointment has changed.")]),
    "cancelled": FirstLine(_has_cancelled, [_("Your appointment is canceled.")]),
    "declined": FirstLine(
        lambda page: not page.has_time and _has_no_proposals_left(page),
        [_("You have turned these times down. We will look for another one.")],
    ),
    "kept": FirstLine(
        lambda page: page.has_time and _has_no_proposals_left(page), [_("You keep the appointment that you have.")]
    ),
    "not-offered": FirstLine(
        lambda page: page.has_time, [_("That time is no longer offered. The appointment that you have is below.")]
    ),
    "asked": FirstLine(
        lambda page: page.inquiry.is_promised and not page.has_time,
        [_("You have asked us for an appointment. The front desk will look for a time.")],
    ),
    "earlier": FirstLine(
        lambda page: page.has_time and _looks_for_earlier(page),
        [_("We will tell you if an earlier time opens up. Until then, this appointment stays yours.")],
    ),
    "not-earlier": FirstLine(
        lambda page: page.has_time and not _looks_for_earlier(page),
        [_("You keep this appointment. We look for no earlier one.")],
    ),
    "waiting": FirstLine(
        lambda page: page.waits is not None,
        [_("You are on our waiting list. We will ask you when a time that suits you becomes free.")],
    ),
    "not-waiting": FirstLine(
        lambda page: not page.has_time and page.waits is None and hasattr(page.inquiry, "waiting_list_wish"),
        [_("You are not on our waiting list any longer.")],
    ),
    "written": FirstLine(
        lambda page: page.inquiry.messages.filter(from_patient=True).exists(), [_("You wrote to us. It has arrived.")]
    ),
}
