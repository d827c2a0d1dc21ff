"""The desk's part on the patient's time: what it is, what staff can make of it, and what was offered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.actors import Actor
from appointments.admin.base import CHANGE_APPOINTMENT, as_key, as_seen
from appointments.admin.wording import REFUSALS
from appointments.bookings import appointments, proposals, statuses, waiting_list
from appointments.errors import ChangedMeanwhile, NotPossible, SlotTaken
from appointments.models import Appointment, AppointmentStatus, Inquiry
from appointments.models.appointment_status import CancelledBy
from appointments.scheduling import calendars
from appointments.slots import Slot

PREFIX = "time-"


@dataclass(frozen=True)
class TimeStep:
    """What a button says, the action behind it, and from which states it is offered."""

    words: Any
    act: Callable[..., Any]
    states: tuple[AppointmentStatus, ...]
    # Before or after the time has begun, or both.
    when: Callable[[Appointment, datetime], bool] = lambda appointment, now: True


def _to(words: Any, to: AppointmentStatus, *states: AppointmentStatus, **when: Any) -> TimeStep:
    return TimeStep(words, partial(statuses.change_status, to=to), states, **when)


def _has_begun(appointment: Appointment, now: datetime) -> bool:
    return appointment.starts_at <= now


def _its_day_has_come(appointment: Appointment, now: datetime) -> bool:
    """Nobody arrives on a day before; what nobody marked on its day can be marked later."""
    return timezone.localdate(appointment.starts_at) <= timezone.localdate(now)


def _is_there(appointment: Appointment, now: datetime) -> bool:
    return appointment.displaced_at is None


def _was_held(appointment: Appointment, now: datetime) -> bool:
    """Whether it is cancelled, and was held before."""
    is_cancelled = appointment.status == AppointmentStatus.CANCELLED
    return is_cancelled and appointment.before_cancelling()[0] == AppointmentStatus.PENDING


STEPS = {
    "confirm": _to(_("Confirm this time"), AppointmentStatus.BOOKED, AppointmentStatus.PENDING, when=_is_there),
    "arrived": _to(_("Arrived"), AppointmentStatus.ARRIVED, AppointmentStatus.BOOKED, when=_its_day_has_come),
    "done": _to(_("Visit done"), AppointmentStatus.FULFILLED, AppointmentStatus.ARRIVED, when=_its_day_has_come),
    "noshow": _to(_("Did not come"), AppointmentStatus.NOSHOW, AppointmentStatus.BOOKED, when=_has_begun),
    "came": _to(_("Arrived after all"), AppointmentStatus.ARRIVED, AppointmentStatus.NOSHOW),
    "undo": TimeStep(
        _("Undo: back to booked"),
        statuses.undo,
        (AppointmentStatus.ARRIVED, AppointmentStatus.NOSHOW, AppointmentStatus.CANCELLED),
        when=lambda appointment, now: not _was_held(appointment, now),
    ),
    "undo-held": TimeStep(_("Undo: hold it again"), statuses.undo, (AppointmentStatus.CANCELLED,), when=_was_held),
    "undone": _to(_("Undo: back to arrived"), AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED),
    "cancel": TimeStep(
        _("Cancel: the patient can’t come"), statuses.cancel, (AppointmentStatus.PENDING, AppointmentStatus.BOOKED)
    ),
    "cancel-ours": TimeStep(
        _("Cancel: we can’t keep it"),
        partial(statuses.cancel, reason=CancelledBy.CLINIC),
        (AppointmentStatus.PENDING, AppointmentStatus.BOOKED),
    ),
}
# What comes next of a visit, as the day goes on.
OF_A_DAY = ("confirm", "arrived", "done", "noshow")


def context(inquiry: Inquiry, user: Any) -> dict[str, Any]:
    now = timezone.now()
    # One statement for what the queryset's methods would ask one by one.
    rows = list(inquiry.appointments.select_related("practitioner", "visit_type"))
    wish = inquiry.wish
    appointment, proposals_shown = _of_the_patient(rows), [row for row in rows if _is_proposed(row, now)]
    # A patient who cancels what is held takes the wish back, too: only what staff cancelled is theirs to undo.
    acted_on = appointment or (_cancelled_hold(inquiry, now) if wish else None)
    may_change = user.has_perm(CHANGE_APPOINTMENT) and not inquiry.erased_at
    return {
        "appointment": appointment,
        "is_to_come": appointment is not None and appointment.is_to_come(now),
        "proposals": proposals_shown,
        "held_as_seen": as_seen(acted_on),
        "proposals_as_seen": as_seen(*proposals_shown),
        # What they asked for with the form shows until they have a time.
        "wish": wish if appointment is None and not inquiry.erased_at else None,
        "wish_is_free": wish is not None and wish.starts_at > now and calendars.on(wish).fits(wish),
        "waits": getattr(inquiry, "waiting_list_wish", None) if inquiry.waiting_list_since else None,
        "may_change_time": may_change,
        "time_steps": _on_the_page(acted_on, now) if acted_on and may_change else {},
    }


def _of_the_patient(rows: Sequence[Appointment]) -> Appointment | None:
    """As AppointmentQuerySet.of_the_patient, of all appointments of one inquiry."""
    ended = (AppointmentStatus.PROPOSED, AppointmentStatus.CANCELLED)
    given = [row for row in rows if row.status not in ended or (row.status == ended[1] and row.held_until is None)]
    live = [row for row in given if row.status in AppointmentStatus.live()]
    return live[0] if live else max(given, key=lambda row: (row.time_set_at, row.pk), default=None)


def _is_proposed(row: Appointment, now: datetime) -> bool:
    """As AppointmentQuerySet.proposed."""
    return row.status == AppointmentStatus.PROPOSED and row.held_until is not None and row.held_until > now


def _cancelled_hold(inquiry: Inquiry, now: datetime | None = None) -> Appointment | None:
    """
    The time that was held while somebody checked the request, and was cancelled last: who did it may undo it.

    With `now`, only where the end that it had is still to come.
    """
    last = inquiry.appointments.filter(held_until__isnull=False).order_by("-created_at", "-pk").first()
    if last is None or last.status != AppointmentStatus.CANCELLED:
        return None
    was, until = last.before_cancelling()
    is_to_come = now is None or (until is not None and until > now)
    return last if was == AppointmentStatus.PENDING and is_to_come else None


def offered(appointment: Appointment, now: datetime) -> dict[str, Any]:
    """What staff can make of it now: the names of the steps, and what their buttons say."""
    return {
        name: step.words
        for name, step in STEPS.items()
        if appointment.status in step.states and step.when(appointment, now)
    }


def next_steps(appointment: Appointment, now: datetime) -> dict[str, Any]:
    """The steps that a day makes of a visit, by name: confirm, arrived, done, did not come."""
    steps = offered(appointment, now)
    return {name: steps[name] for name in OF_A_DAY if name in steps}


def take(visit: Appointment, name: str, shown: str, by: Actor) -> None:
    """
    Take the step of this name on the visit as it was `shown` (see as_seen).

    Raises ChangedMeanwhile, NotPossible, and what the verb behind it raises.
    """
    if shown != as_seen(visit):
        raise ChangedMeanwhile
    if name not in offered(visit, timezone.now()):
        raise NotPossible(name)
    STEPS[name].act(appointment=visit, by=by, version=visit.version)


def _on_the_page(appointment: Appointment, now: datetime) -> dict[str, Any]:
    return {PREFIX + name: words for name, words in offered(appointment, now).items()}


def act(request: HttpRequest, inquiry: Inquiry, do: str, by: Actor) -> None:
    """Do what a button of this part says; what can't be is said in a sentence. Raises PermissionDenied, BadRequest."""
    if not request.user.has_perm(CHANGE_APPOINTMENT):
        raise PermissionDenied
    name = do.removeprefix(PREFIX)
    try:
        if name in STEPS:
            held = inquiry.appointments.of_the_patient() or _cancelled_hold(inquiry)
            if held is None:
                raise ChangedMeanwhile
            take(held, name, request.POST.get("held", ""), by)
        elif name.startswith("take-"):
            proposals.accept(proposal=_proposal(inquiry, name.removeprefix("take-")), by=by)
        elif name == "wish":
            appointments.give(inquiry=inquiry, slot=_wish(inquiry, now=timezone.now()), by=by)
        elif name == "withdraw":
            if request.POST.get("proposals") != as_seen(*inquiry.appointments.proposed(timezone.now())):
                raise ChangedMeanwhile
            proposals.decline(inquiry=inquiry, by=by)
        elif name in ("earlier", "not-earlier"):
            waiting_list.join_or_leave(inquiry=inquiry, on=name == "earlier", by=by)
        else:
            raise BadRequest("not a step of a time")
    except tuple(REFUSALS) as error:
        messages.warning(request, REFUSALS[type(error)])


def _wish(inquiry: Inquiry, now: datetime) -> Slot:
    """The time that they asked for with the form. Raises SlotTaken when the inquiry has no such wish any longer."""
    if inquiry.wish is None or inquiry.wish.starts_at <= now:
        raise SlotTaken
    return inquiry.wish


def _proposal(inquiry: Inquiry, pk: str) -> Appointment:
    row = inquiry.appointments.select_related("inquiry").filter(pk=as_key(pk)).first()
    if row is None:
        raise BadRequest("not this patient's")
    return row
