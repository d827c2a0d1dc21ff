"""A visit that is to move, while its patient is on the phone: what fits it, and the press that moves it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext

from appointments.actors import Actor
from appointments.admin.agenda.reading import Reading
from appointments.admin.base import CHANGE_APPOINTMENT, as_key, as_seen
from appointments.admin.desk.on_the_phone import OnThePhone, as_told
from appointments.admin.desk.said import what_is_done
from appointments.admin.wording import REFUSALS
from appointments.bookings import appointments
from appointments.errors import ChangedMeanwhile, NotPossible, SlotTaken
from appointments.inquiries import conversation
from appointments.models import Appointment, AppointmentStatus
from appointments.models.log import Outcome
from appointments.scheduling import slot_codes
from appointments.scheduling.free_times import staff_rules
from appointments.slots import Slot


@dataclass(frozen=True)
class Move:
    """The visit, and what is offered to its patient besides, which ends when it moves."""

    appointment: Appointment
    offered: Sequence[Appointment]

    @classmethod
    def of(cls, pk: int, now: datetime) -> Self | None:
        """The visit with this id where it can still be moved; one statement."""
        theirs = Appointment.objects.filter(inquiry__appointments=pk, inquiry__erased_at=None)
        rows = list(theirs.select_related("inquiry", "practitioner", "visit_type").order_by("starts_at", "pk"))
        visit = next((row for row in rows if row.pk == pk), None)
        if visit is None or not visit.is_to_come(now) or (visit.held_until and visit.held_until <= now):
            return None
        proposed = [row for row in rows if row.status == AppointmentStatus.PROPOSED]
        return cls(visit, [row for row in proposed if row.held_until and row.held_until > now])

    def slots(self, reading: Reading, person: int, day: date) -> list[Slot]:
        """The times of this practitioner that fit it on a day: those that staff are offered at the desk, too."""
        sees = any(row.visit_type_id == self.appointment.visit_type_id for row in reading.kinds.get(person, ()))
        if not sees:
            return []
        rules = staff_rules(self.appointment.visit_type.rules)
        found = reading.calendars[person].slots(rules, now=reading.now, first=day, last=day)
        return [slot for slot in found if slot != self.appointment.slot]

    @property
    def seen(self) -> str:
        return as_seen(self.appointment)

    @property
    def offered_as_seen(self) -> str:
        return as_seen(*self.offered)


def form_of(request: HttpRequest, move: Move) -> OnThePhone:
    form = OnThePhone(request.POST if request.method == "POST" else None)
    form.offer_to(request.user, move.appointment.inquiry)
    return form


def is_moved(request: HttpRequest, move: Move, form: OnThePhone, reading: Reading) -> bool:
    """Put it at the time that was pressed; otherwise a sentence says why not."""
    user: Any = request.user
    if not user.has_perm(CHANGE_APPOINTMENT):
        raise PermissionDenied
    visit, said = move.appointment, form.cleaned_data
    has_seen = {as_key(each.partition(":")[0]) for each in request.POST.get("proposals", "").split(",")}
    by = as_told(Actor.staff(user, has_seen=has_seen), said)
    slot = slot_codes.find(request.POST.get("slot", ""), reading.schedules)
    try:
        if request.POST.get("held") != move.seen:
            raise ChangedMeanwhile
        if slot is None:
            raise SlotTaken
        with what_is_done(request, visit.inquiry, is_told=bool(said.get("is_told"))):
            appointments.reschedule(appointment=visit, slot=slot, by=by, version=visit.version)
    except tuple(REFUSALS) as error:
        messages.warning(request, REFUSALS[type(error)])
        return False
    if said.get("is_told"):
        with suppress(NotPossible):  # Erased a moment ago.
            conversation.log_call(inquiry=visit.inquiry, outcome=Outcome.REACHED, by=by)
    return True


def cannot_move() -> str:
    return gettext("This visit can’t be moved any longer.")
