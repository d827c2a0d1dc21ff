"""Patients who would come earlier, or who wait for a time at all, and the times that have become free."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db.models import Exists, OuterRef
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings.follow_up import withdraw_proposals
from appointments.bookings.locking import refused_by_the_database
from appointments.errors import HasAppointment, NotPossible
from appointments.inquiries.changing import changing
from appointments.inquiries.lifecycle import reopen
from appointments.models import Appointment, AppointmentStatus, Inquiry, Schedule
from appointments.scheduling import calendars
from appointments.slots import Calendar, Slot
from clinic.models import Clinic


@dataclass(frozen=True)
class WaitingListEntry:
    """Somebody who would come earlier, and the time that they could have."""

    appointment: Appointment
    slot: Slot


@dataclass(frozen=True)
class FreedSlot:
    """A time that was given and is free again, and who fits, the longest waiting first."""

    starts_at: datetime
    practitioner_name: str
    entries: list[WaitingListEntry]


def freed_slots(now: datetime) -> list[FreedSlot]:
    """Times that somebody could have earlier than their own, soonest first; ten queries at most."""
    waiting = _waiting(now)
    if not waiting:
        return []
    before = max(each.starts_at for each in waiting)
    event = apps.get_model("appointments", "AppointmentEvent")
    holders = Appointment.objects.taking_time(now).filter(
        practitioner=OuterRef("practitioner"), starts_at=OuterRef("starts_at")
    )
    # Of thousands of times that were given nearly all still are.
    given = event.objects.filter(
        ~Exists(holders),
        status__in=(AppointmentStatus.PENDING, AppointmentStatus.BOOKED),
        starts_at__gt=now,
        starts_at__lt=before,
    )
    times = sorted(given.values_list("starts_at", "practitioner_id").distinct())
    if not times:
        return []
    schedules = {(each.practitioner_id, each.visit_type_id): each for each in Schedule.objects.for_staff()}
    names = {each.practitioner_id: each.practitioner.name for each in schedules.values()}
    zone = Clinic.current().zone
    by_id = calendars.between(names, now.astimezone(zone).date(), before.astimezone(zone).date(), zone=zone)
    declined = _declined(waiting)
    found = []
    for starts_at, practitioner in times:
        if practitioner not in names:
            continue
        entries = [
            WaitingListEntry(each, slot)
            for each in waiting
            if each.starts_at > starts_at and (practitioner, each.visit_type_id) in schedules
            if (slot := _fitting(each, starts_at, by_id[practitioner]))
            if (each.inquiry_id, practitioner, starts_at) not in declined
        ]
        if entries:
            found.append(FreedSlot(starts_at, names[practitioner], entries))
    return found


def _waiting(now: datetime) -> list[Appointment]:
    """Appointments to come of those who would come earlier and are not asked at this moment, longest waiting first."""
    to_come = Appointment.objects.filter(
        status__in=(AppointmentStatus.PENDING, AppointmentStatus.BOOKED), starts_at__gt=now
    )
    wanting = to_come.filter(inquiry__waiting_list_since__isnull=False)
    not_asked = wanting.exclude(inquiry__in=Appointment.objects.proposed(now).values("inquiry"))
    rows = not_asked.select_related("inquiry", "visit_type", "practitioner")
    return list(rows.order_by("inquiry__waiting_list_since", "pk"))


def _declined(waiting: Iterable[Appointment]) -> set[tuple[int, int, datetime]]:
    """Times that were offered to them before: it is the next one's turn."""
    rows = Appointment.objects.filter(inquiry__in=[each.inquiry_id for each in waiting], held_until__isnull=False)
    return set(rows.values_list("inquiry_id", "practitioner_id", "starts_at"))


def _fitting(waiting: Appointment, starts_at: datetime, calendar: Calendar) -> Slot | None:
    """The slot that begins at `starts_at` and is as long as this visit; None where the calendar has no room for it."""
    slot = Slot.starting_at(starts_at, waiting.visit_type.rules, calendar.practitioner_id)
    return slot if calendar.fits(slot) else None


def join_or_leave(*, inquiry: Inquiry, on: bool, by: Actor) -> None:
    """The patient would take an earlier time than theirs, or no longer. Raises NotPossible without an appointment."""
    now = timezone.now()
    with changing(inquiry, None, by) as row:
        if on and not row.appointments.not_expired(now).live().exclude(status=AppointmentStatus.ARRIVED).exists():
            raise NotPossible("no time to come before")
        row.waiting_list_since = (row.waiting_list_since or now) if on else None


@refused_by_the_database
def ask_for_time(*, inquiry: Inquiry, by: Actor) -> None:
    """
    The patient wants a time from the front desk: none was free, or right, or the last one was cancelled. They wait for
    one from now on (waiting_list_since), whether or not a promise of ours is running already.

    Raises HasAppointment; ChangedMeanwhile where times are offered that `by` has not seen.
    """
    now = timezone.now()
    with changing(inquiry, None, by) as row:
        if row.appointments.not_expired(now).live().exists():
            raise HasAppointment
        withdraw_proposals(row, by)
        row.waiting_list_since = row.waiting_list_since or now
        reopen(row, now)
