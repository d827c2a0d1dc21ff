"""By when the clinic answers, and who hears of it when it has not."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from appointments.models import Closure, Email, Inquiry, NotificationKind
from appointments.notifications.notify import notify_manager_of_overdue
from clinic import hours, practice
from clinic.models import Clinic

# A promise that is late by so much of the clinic's opening time is the manager's business.
OVERDUE = timedelta(hours=4)


def next_answer_by(now: datetime) -> datetime:
    """The time by which we answer what is sent at `now`."""
    known = practice.current()
    return hours.end_of_next_opening_day(
        now,
        week=known.week,
        closures=Closure.objects.periods_of_the_clinic(after=now),
        zone=known.clinic.zone,
    )


def notify_of_overdue() -> None:
    """Tell the manager, once for each, of the promises that are overdue."""
    now, clinic = timezone.now(), Clinic.current()
    told = Email.objects.filter(
        kind=NotificationKind.STAFF_OVERDUE, inquiry=OuterRef("pk"), created_at__gt=OuterRef("answer_by")
    )
    late = Inquiry.objects.waiting_for_us().filter(~Exists(told), answered_at=None, answer_by__lt=now - OVERDUE)
    if not late:
        return
    week = [row.opening for row in clinic.opening_hours.all()]
    first = min(inquiry.answer_by for inquiry in late)
    closures = Closure.objects.periods_of_the_clinic(after=first)
    for inquiry in late:
        if hours.open_time(inquiry.answer_by, now, week=week, closures=closures, zone=clinic.zone) >= OVERDUE:
            with transaction.atomic():
                notify_manager_of_overdue(inquiry, now)
