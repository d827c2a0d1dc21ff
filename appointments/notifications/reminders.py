"""
When patients are reminded: a rule of the calendar, never "24 hours before", which would be a Sunday for Monday's
patients and an hour off on the day that the clocks change.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from appointments.models import Appointment, AppointmentStatus, CallTask, Closure, Email, NotificationKind
from appointments.notifications.notify import notify
from clinic import hours
from clinic.models import Clinic

AT = time(17)
# Rows are written so long before they are due that calls are seen coming, and printed the day before.
AHEAD = timedelta(days=3)
# After an outage the one of a week before is left out: the other comes soon.
TOO_LATE = timedelta(days=1)
# No reminder comes sooner before its appointment: a week, and the longest break that is looked past.
EARLIEST = timedelta(days=7 + 14 + 1)


def due_times(
    starts_at: datetime, *, week: Sequence[hours.Opening], closures: Iterable[hours.Period], zone: ZoneInfo
) -> dict[str, datetime]:
    """When to remind of an appointment, in UTC: at 17:00 on the working day before, and on the one a week before."""
    day, closures = starts_at.astimezone(zone).date(), list(closures)

    def at_five(latest: date) -> datetime:
        working = hours.last_opening_day(latest, week=week, closures=closures, zone=zone)
        return datetime.combine(working, AT, zone).astimezone(UTC)

    return {"day": at_five(day - timedelta(days=1)), "week": at_five(day - timedelta(days=7))}


def plan(now: datetime) -> None:
    """
    Write the reminders that will soon be due, each once: a mail where there is an address, a call where there is none.

    A reminder that would have been due before the time was agreed on is left out. One that was cancelled before it
    went out is written again, once its time is certain again.
    """
    clinic = Clinic.current()
    week = [row.opening for row in clinic.opening_hours.all()]
    closures = [each.period for each in Closure.objects.of_the_clinic().after(now - AHEAD)]
    coming = Appointment.objects.filter(
        status=AppointmentStatus.BOOKED, displaced_at=None, starts_at__gt=now, starts_at__lt=now + AHEAD + EARLIEST
    )
    reminders = {"kind": NotificationKind.REMINDER, "appointment__in": coming}
    written = {
        key
        for model in (Email, CallTask)
        for key in model.objects.standing().filter(**reminders).values_list("dedupe_key", flat=True)
    }
    for appointment in coming.select_related("inquiry"):
        due = due_times(appointment.starts_at, week=week, closures=closures, zone=clinic.zone)
        if due["week"] < now - TOO_LATE or due["week"] == due["day"]:
            del due["week"]
        for name, at in due.items():
            key = f"{appointment.pk}:{appointment.time_set_at:%Y%m%d%H%M%S}:{name}"
            is_written = appointment.inquiry.dedupe_key(NotificationKind.REMINDER, key) in written
            if appointment.time_set_at < at <= now + AHEAD and not is_written:
                _write(appointment, key, at)


@transaction.atomic
def _write(appointment: Appointment, key: str, due_at: datetime) -> None:
    """Write one reminder under the appointment's lock: a move or cancellation at this moment comes before or after."""
    row = Appointment.objects.select_for_update(of=("self",)).select_related("inquiry").get(pk=appointment.pk)
    if (row.status, row.time_set_at, row.displaced_at) == (AppointmentStatus.BOOKED, appointment.time_set_at, None):
        notify(NotificationKind.REMINDER, row.inquiry, key=key, appointment=row, due_at=due_at)
