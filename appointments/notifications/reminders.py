"""
When patients are reminded: a rule of the calendar, never "24 hours before", which would be a Sunday for Monday's
patients and an hour off on the day that the clocks change.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction

from appointments.models import Appointment, AppointmentStatus, CallTask, Closure, Email, Inquiry, NotificationKind
from appointments.notifications.notify import notify
from clinic import hours
from clinic.busy import Busy, busy_after_waiting
from clinic.models import Clinic

AT = time(17)
# Rows are written so long before they are due that calls are seen coming, and printed the day before.
AHEAD = timedelta(days=3)
# After an outage the one of a week before is left out: the other comes soon.
TOO_LATE = timedelta(days=1)
# No reminder comes sooner before its appointment: a week, and the longest break that is looked past.
EARLIEST = timedelta(days=7 + 14 + 1)


def due_times(
    day: date, *, week: Sequence[hours.Opening], closures: Iterable[hours.Period], zone: ZoneInfo
) -> dict[str, datetime]:
    """When to remind of a visit on `day`, in UTC: at 17:00 on the working day before, and on the one a week before."""
    closures = list(closures)

    def at_five(latest: date) -> datetime:
        working = hours.last_opening_day(latest, week=week, closures=closures, zone=zone)
        return datetime.combine(working, AT, zone).astimezone(UTC)

    return {"day": at_five(day - timedelta(days=1)), "week": at_five(day - timedelta(days=7))}


class Unwritten(NamedTuple):
    """A reminder that is due soon or was, and of which there is no row yet."""

    appointment: int
    time_set_at: datetime
    key: str
    due_at: datetime


def plan(now: datetime) -> None:
    """
    Write the reminders that will soon be due, each once: a mail where there is an address, a call where there is none.

    A reminder that would have been due before the time was agreed on is left out. One that was cancelled before it
    went out is written again, once its time is certain again.
    """
    for each in unwritten(now):
        with suppress(Busy), busy_after_waiting():  # In somebody's hands: the next minute's turn looks again.
            _write(*each)


def unwritten(now: datetime) -> Iterator[Unwritten]:
    """The reminders that are due until AHEAD from now and are not written: what `plan` writes."""
    clinic = Clinic.current()
    zone, week = clinic.zone, [row.opening for row in clinic.opening_hours.all()]
    closures = Closure.objects.periods_of_the_clinic(after=now - AHEAD)
    coming = Appointment.objects.filter(
        status=AppointmentStatus.BOOKED, displaced_at=None, starts_at__gt=now, starts_at__lt=now + AHEAD + EARLIEST
    )
    reminders = {"kind": NotificationKind.REMINDER, "appointment__in": coming}
    written = {
        key
        for model in (Email, CallTask)
        for key in model.objects.told_or_waiting().filter(**reminders).values_list("dedupe_key", flat=True)
    }

    @cache
    def due_on(day: date) -> list[tuple[str, datetime]]:
        """What is due soon for the visits of a day, which are many."""
        due = due_times(day, week=week, closures=closures, zone=zone)
        if due["week"] < now - TOO_LATE or due["week"] == due["day"]:
            del due["week"]
        return [(name, at) for name, at in due.items() if at <= now + AHEAD]

    # Of thousands of rows, each minute, only four columns count here.
    for pk, inquiry, starts_at, set_at in coming.values_list("pk", "inquiry", "starts_at", "time_set_at"):
        for name, at in due_on(starts_at.astimezone(zone).date()):
            key = f"{pk}:{set_at:%Y%m%d%H%M%S}:{name}"
            if set_at < at and Inquiry.dedupe_key_of(inquiry, NotificationKind.REMINDER, key) not in written:
                yield Unwritten(pk, set_at, key, at)


@transaction.atomic
def _write(pk: int, time_set_at: datetime, key: str, due_at: datetime) -> None:
    """Write one reminder under the appointment's lock: a move or cancellation at this moment comes before or after."""
    row = Appointment.objects.select_for_update(of=("self",)).select_related("inquiry").get(pk=pk)
    if (row.status, row.time_set_at, row.displaced_at) == (AppointmentStatus.BOOKED, time_set_at, None):
        notify(NotificationKind.REMINDER, row.inquiry, key=key, appointment=row, due_at=due_at)
