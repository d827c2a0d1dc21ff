"""When calls are made, and which of them end since somebody has spoken with a patient."""

from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from appointments.models import CallTask, Closure, Inquiry, MailState, NotificationKind
from appointments.notifications.notify import TAKEN_BACK_WITHIN, complete_calls
from clinic import hours, practice
from clinic.models import Clinic

# Reminder calls are made from here on, on the day on which the mails go out at five: earlier, a call reminds too early.
FROM = time(12)


class ReminderHours(NamedTuple):
    """When reminder calls are made: on the day of a moment from `begins` on, and only while the clinic `is_open`."""

    begins: datetime
    is_open: bool
    # The reminder calls that are due before this are those whose time for a call has come at that moment.
    due_before: datetime


def reminder_hours(now: datetime) -> ReminderHours:
    """Those of the day of `now`: from noon or, where the clinic closes by then, from opening; two statements."""
    known = practice.current()
    zone = known.clinic.zone
    closures = Closure.objects.periods_of_the_clinic(after=now - timedelta(days=1))
    about: dict[str, Any] = {"week": known.week, "closures": closures, "zone": zone}
    day = now.astimezone(zone).date()
    night, noon = datetime.combine(day, time(), zone), datetime.combine(day, FROM, zone)
    opens, ends = hours.next_open(night, **about), end_of_day(now)
    closes_by_noon = opens < noon and not hours.open_time(noon, ends, **about)
    begins = opens if closes_by_noon else noon
    is_open = hours.next_open(now, **about) == now
    return ReminderHours(begins, is_open, ends if now >= begins else night)


def end_of_day(now: datetime) -> datetime:
    """When the clinic's day ends that `now` lies in."""
    zone = Clinic.current().zone
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)


def complete_due(inquiry: Inquiry, by: Any) -> None:
    """End what was due about this inquiry, since `by` has spoken with its people: calls, and mails in trouble."""
    now = timezone.now()
    is_due = Q(due_at__lte=now + TAKEN_BACK_WITHIN)
    # Who was spoken with about the visit once its reminder could be called is not called again an hour later.
    is_due |= Q(kind=NotificationKind.REMINDER, due_at__lt=reminder_hours(now).due_before)
    due = inquiry.call_tasks.open().filter(is_due)
    # A number that is missing is missing still.
    complete_calls(due.exclude(kind__in=(NotificationKind.CALL_BACK, NotificationKind.NO_NUMBER)), by)
    inquiry.emails.in_trouble(now).exclude(state=MailState.WAITING).update(state=MailState.BY_PHONE)


def complete_call_backs(inquiry: Inquiry, by: Any, *, besides: CallTask | None) -> None:
    """End the calls back that were promised before, whenever they were due: `by` has called, or promised another."""
    promised = inquiry.call_tasks.open().filter(kind=NotificationKind.CALL_BACK)
    complete_calls(promised.exclude(pk=besides.pk) if besides else promised, by)
