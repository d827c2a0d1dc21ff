"""The link to an inquiry's own page: who may open it, how often somebody may be wrong, when it ends, a new one."""

from datetime import datetime
from enum import Enum

import pghistory
from django.apps import apps
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from appointments import limits
from appointments.actors import NO_PROOF, Actor
from appointments.errors import NotPossible
from appointments.inquiries import search
from appointments.inquiries.changing import changing
from appointments.inquiries.lifecycle import reopen
from appointments.models import AppointmentStatus, CallTask, Email, Inquiry, NotificationKind
from appointments.models.inquiry_choices import ContactChannel
from appointments.models.own_link import LinkState, new_key
from appointments.notifications.notify import call_about_their_mail, call_instead, forget_their_mail, notify
from clinic.busy import busy_after_waiting

STRANGER = Actor.visitor(proof=NO_PROOF)


class Verdict(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


def has_lapsed(inquiry: Inquiry, now: datetime) -> bool:
    """
    Whether the link ended by itself: limits.LINK_LASTS after the last step of either side, or after the visit.

    A step that is taken later, like an answer of the front desk, lets the same link lead to the page again: the mail
    about it carries this link.
    """
    since = now - limits.LINK_LASTS
    steps = [inquiry.created_at, inquiry.moved_at, inquiry.answered_at, inquiry.link_made_at]
    if any(step and step > since for step in steps):
        return False
    times = apps.get_model("appointments", "AppointmentEvent").objects.filter(inquiry=inquiry.pk)
    visits = inquiry.appointments.exclude(status=AppointmentStatus.CANCELLED)
    later = (
        inquiry.messages.aggregate(at=Max("created_at")), inquiry.calls.aggregate(at=Max("created_at")),
        times.aggregate(at=Max("pgh_created_at")), visits.aggregate(at=Max("ends_at")),
    )  # fmt: skip
    return not any(each["at"] and each["at"] > since for each in later)


def try_digits(*, inquiry: Inquiry, digits: str) -> tuple[Verdict, int]:
    """
    Whether these digits open the own page, and how many tries are left.

    A wrong one is counted under the row's lock: those who try at the same moment have five tries together, and the
    inquiry's version stays, so that nobody without a proof disturbs the front desk. Raises NotPossible where it is
    erased, or its link has ended; Busy where somebody does not let go of the row in time.
    """
    with busy_after_waiting(), transaction.atomic(), pghistory.context(**STRANGER.metadata):
        row = Inquiry.objects.select_for_update(no_key=True).get(pk=inquiry.pk)
        if row.erased_at or row.key != inquiry.key or row.link_state != LinkState.WORKS:
            raise NotPossible("no link to a page any longer")
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


def say_not_theirs(*, inquiry: Inquiry, by: Actor) -> None:
    """
    End the link: who got it says that it is not for them. Nothing is mailed there before the front desk acts.

    The front desk calls the number that was given; without one, the inquiry waits for it in the inbox. Said twice, or
    of a link that has ended already, it changes nothing.
    """
    with changing(inquiry, None, by) as row:
        if row.key != inquiry.key or row.link_state != LinkState.WORKS:
            return
        row.link_state = LinkState.NOT_THEIRS
        call_instead(row)
        if row.dialed:
            call_about_their_mail(row)
        else:
            reopen(row, timezone.now())


def revoke(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    """End the link. Raises NotPossible where it has ended; ChangedMeanwhile like any decision."""
    with changing(inquiry, version, by) as row:
        if row.link_state != LinkState.WORKS:
            raise NotPossible(row.link_state)
        row.link_state = LinkState.REVOKED
        call_instead(row)
    return row


def send_new(*, inquiry: Inquiry, email: str, version: int, by: Actor) -> Email | CallTask | None:
    """
    Give the inquiry another link, and mail it to `email`, which is the inquiry's address from now on.

    The old link, and whatever was proved at it, is worth nothing from this moment. What waits to be mailed goes to this
    address, too, with the new link. Returns the mail or, where none may go there, the call task in its place.
    """
    with changing(inquiry, version, by) as row:
        return renew(row, email)


def renew(inquiry: Inquiry, email: str) -> Email | CallTask | None:
    """As send_new, of an inquiry that is being changed."""
    now = timezone.now()
    inquiry.key, inquiry.link_state, inquiry.link_made_at, inquiry.wrong_tries = new_key(), LinkState.WORKS, now, 0
    inquiry.email, inquiry.email_is_dead = email, False
    if inquiry.contact_by == ContactChannel.NOT_YET:
        inquiry.contact_by = ContactChannel.EMAIL
    search.make_findable(inquiry)
    forget_their_mail(inquiry)
    return notify(NotificationKind.NEW_LINK, inquiry, key=str(inquiry.version))
