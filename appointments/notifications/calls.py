"""When calls are made, and which of them end since somebody has spoken with a patient."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from appointments.models import CallTask, Closure, Inquiry, MailState, NotificationKind
from appointments.notifications.notify import TAKEN_BACK_WITHIN, complete_calls
from clinic import hours, practice

# Reminder calls are made from here on, on the day on which the mails go out at five: earlier, a call reminds too early.
FROM = time(12)


def reminders_from(day_of: datetime) -> datetime:
    """From when on reminder calls are made on that day: from noon or, where the clinic closes by then, from opening."""
    known = practice.current()
    zone, closures = known.clinic.zone, Closure.objects.periods_of_the_clinic(after=day_of - timedelta(days=1))
    about: dict[str, Any] = {"week": known.week, "closures": closures, "zone": zone}
    day = day_of.astimezone(zone).date()
    begins, noon, ends = (
        datetime.combine(at, clock, zone)
        for at, clock in ((day, time()), (day, FROM), (day + timedelta(days=1), time()))
    )
    opens = hours.next_open(begins, **about)
    closes_by_noon = opens < noon and not hours.open_time(noon, ends, **about)
    return opens if closes_by_noon else noon


def reminders_due_before(now: datetime) -> datetime:
    """The reminder calls that are due before this moment are those whose time for a call has come at `now`."""
    zone = practice.current().clinic.zone
    day = now.astimezone(zone).date() + timedelta(days=now >= reminders_from(now))
    return datetime.combine(day, time(), zone)


def end_of_day(now: datetime) -> datetime:
    """When the clinic's day ends that `now` lies in."""
    zone = practice.current().clinic.zone
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)


def is_open(now: datetime) -> bool:
    """Whether the clinic is open at `now`: it calls nobody to remind them while it is not."""
    known = practice.current()
    closures = Closure.objects.periods_of_the_clinic(after=now)
    return hours.next_open(now, week=known.week, closures=closures, zone=known.clinic.zone) == now


def complete_due(inquiry: Inquiry, by: Any) -> None:
    """End what was due about this inquiry, since `by` has spoken with its people: calls, and mails in trouble."""
    now = timezone.now()
    is_due = Q(due_at__lte=now + TAKEN_BACK_WITHIN)
    # Who was spoken with about the visit once its reminder could be called is not called again an hour later.
    is_due |= Q(kind=NotificationKind.REMINDER, due_at__lt=reminders_due_before(now))
    due = inquiry.call_tasks.open().filter(is_due)
    # A number that is missing is missing still.
    complete_calls(due.exclude(kind__in=(NotificationKind.CALL_BACK, NotificationKind.NO_NUMBER)), by)
    inquiry.emails.in_trouble(now).exclude(state=MailState.WAITING).update(state=MailState.BY_PHONE)


def complete_call_backs(inquiry: Inquiry, by: Any, *, besides: CallTask | None) -> None:
    """End the calls back that were promised before, whenever they were due: `by` has called, or promised another."""
    promised = inquiry.call_tasks.open().filter(kind=NotificationKind.CALL_BACK)
    complete_calls(promised.exclude(pk=besides.pk) if besides else promised, by)
