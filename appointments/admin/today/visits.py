"""The visits of today, as the first page shows them: who is here, who is to come, and what can be pressed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from appointments.admin import wording
from appointments.admin.desk import time_steps
from appointments.admin.lists.waiting_facts import Facts
from appointments.models import Appointment, AppointmentStatus, Inquiry, Practitioner
from appointments.models.appointment_queryset import hours_of
from appointments.models.inquiry_choices import SeenBefore
from clinic.made_once import Fields, Rows
from clinic.sentences import how_long

# In this order; what else can be made of a time is done at its desk.
PRESSES = ("confirm", "arrived", "done", "noshow", "came", "undone")
OVER = (AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW)


class Row(NamedTuple):
    visit: Appointment
    inquiry: Inquiry
    # What it is, with whom, and what to mind: "First visit, Dr. Osei", "Español, slowly".
    what: str
    mind: str
    # How it stands now: "here since 9:21, waits 14 min".
    state: str
    is_here: bool
    is_late: bool
    # What a button posts, and what it says; the first is the next step.
    presses: list[tuple[str, Any]]


class Doctor(NamedTuple):
    """Whose day it is, with how many visits, and of these how many were taken away."""

    name: str
    visits: int
    displaced: int


_begin_between = Rows(
    Fields(
        Appointment,
        ("status", "starts_at", "ends_at", "version", "displaced_at", "reached_at", "overbooked", "overbook_reason"),
        {"inquiry": wording.FIELDS, "practitioner": ("name", "position"), "visit_type": ("name",)},
    ),
    lambda start, end: Appointment.objects.within(start, end).order_by("starts_at", "pk"),
)


def visits_on(day: date) -> list[Appointment]:
    """All of a day, also those that were displaced; one statement."""
    start, end = hours_of(day)
    return _begin_between(start=start, end=end)


def doctors(visits: Sequence[Appointment]) -> list[Doctor]:
    """Whose days these are, in the clinic's order."""
    lost = [each.practitioner_id for each in visits if is_lost(each)]
    there = [each.practitioner_id for each in visits if not is_lost(each)]
    return [Doctor(each.name, there.count(each.pk), lost.count(each.pk)) for each in people(visits)]


def people(visits: Sequence[Appointment]) -> list[Practitioner]:
    """Who sees these patients, in the clinic's order."""
    found = {each.practitioner_id: each.practitioner for each in visits}
    return sorted(found.values(), key=lambda doctor: (doctor.position, doctor.name))


def is_lost(visit: Appointment) -> bool:
    """Whether its time was taken away: nobody is expected then, whether or not the patient knows."""
    return visit.displaced_at is not None and visit.status in AppointmentStatus.live()


def rows(visits: Sequence[Appointment], facts: Facts, now: datetime) -> list[Row]:
    """Those that take place, by their time."""
    return [_row(each, _arrived(each, facts), now) for each in visits if not is_lost(each)]


def _arrived(visit: Appointment, facts: Facts) -> datetime | None:
    """When who is here came."""
    at = (each["changed_at"] for each in facts.times[visit.inquiry_id] if each["status"] == AppointmentStatus.ARRIVED)
    return next(at, None) if visit.status == AppointmentStatus.ARRIVED else None


def _row(visit: Appointment, arrived_at: datetime | None, now: datetime) -> Row:
    offered = time_steps.offered(visit, now)
    is_late = visit.status == AppointmentStatus.BOOKED and visit.starts_at <= now
    kind = visit.visit_type.name
    return Row(
        visit=visit,
        inquiry=visit.inquiry,
        what=f"{kind}, {visit.practitioner.name}",
        mind=", ".join(filter(None, (_first(visit), visit.inquiry.to_reach_them))),
        state=_state(visit, arrived_at, now),
        is_here=visit.status == AppointmentStatus.ARRIVED,
        is_late=is_late,
        presses=[(f"{name} {visit.pk}:{visit.version}", offered[name]) for name in PRESSES if name in offered],
    )


def _first(visit: Appointment) -> str:
    return _("new here") if visit.inquiry.seen_before == SeenBefore.NO else ""


def _state(visit: Appointment, arrived_at: datetime | None, now: datetime) -> str:
    if visit.status == AppointmentStatus.PENDING:
        return _("not confirmed yet")
    if arrived_at:
        # The hour at which a row of the history is written is the database's.
        waits = _("waits %s") % _for(min(arrived_at, now), now)
        at = date_format(timezone.localtime(arrived_at), "P")
        return _("here since %(at)s, %(waits)s") % {"at": at, "waits": waits}
    if visit.status == AppointmentStatus.BOOKED and visit.starts_at <= now:
        return _("not here yet, %s late") % _for(visit.starts_at, now)
    return "" if visit.status == AppointmentStatus.BOOKED else str(visit.get_status_display())


def _for(since: datetime, now: datetime) -> str:
    return how_long(since, now) if (now - since).total_seconds() >= 60 else _("less than a minute")
