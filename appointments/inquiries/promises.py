"""By when the clinic answers, and who hears of it when it has not."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from appointments.models import Closure
from appointments.notifications.notify import notify_manager_of_overdue
from appointments.notifications.outdated import overdue_promises
from clinic import hours, practice


def next_answer_by(now: datetime) -> datetime:
    """The time by which we answer what is sent at `now`."""
    known = practice.current()
    return hours.end_of_next_opening_day(
        now,
        week=known.week,
        closures=Closure.objects.periods_of_the_clinic(after=now),
        zone=known.clinic.zone,
    )


@transaction.atomic
def notify_of_overdue() -> None:
    """Tell the manager that promises are overdue: once of each, in one mail an hour for all of them."""
    now = timezone.now()
    untold = overdue_promises(now).exclude(overdue_told=F("answer_by"))
    if untold.exists() and notify_manager_of_overdue(now):
        untold.update(overdue_told=F("answer_by"))
