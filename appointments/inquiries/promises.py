"""By when the clinic answers, and who hears of it when it has not."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import F, OuterRef
from django.utils import timezone

from appointments.models import Closure
from appointments.notifications.notify import notify_manager_of_overdue
from appointments.notifications.outdated import overdue_promises
from clinic import hours
from clinic.made_once import SQL, Statement
from clinic.models import Clinic, OpeningHours


def next_answer_by(now: datetime) -> datetime:
    """The time by which we answer what is sent at `now`."""
    if not (found := _open_and_closed.ask(after=now)):  # Nobody has entered the clinic yet.
        closures = Closure.objects.periods_of_the_clinic(after=now)
        return hours.end_of_next_opening_day(now, week=(), closures=closures, zone=Clinic().zone)
    zone, days, opens, closes, starts, ends = found[0]
    week = list(map(hours.Opening, days, opens, closes))
    closures = list(map(hours.Period, starts, ends))
    return hours.end_of_next_opening_day(now, week=week, closures=closures, zone=ZoneInfo(zone))


def _hours_and_closures(after: datetime) -> SQL:
    """The clinic's zone, and each field of its opening hours and of its closures as a list."""
    week = OpeningHours.objects.filter(clinic=OuterRef("pk")).order_by("weekday", "opens")
    closures = Closure.objects.of_the_clinic().standing().after(after).order_by("pk")
    lists = [week.values(name) for name in hours.Opening._fields]
    lists += [closures.values(name) for name in hours.Period._fields]
    return Clinic.objects.filter(pk=1).values_list("time_zone", *map(ArraySubquery, lists)).query.sql_with_params()


# One statement, since each submission asks.
_open_and_closed = Statement(_hours_and_closures)


@transaction.atomic
def notify_of_overdue() -> None:
    """Tell the manager that promises are overdue: once of each, in one mail an hour for all of them."""
    now = timezone.now()
    untold = overdue_promises(now).exclude(overdue_told=F("answer_by"))
    if untold.exists() and notify_manager_of_overdue(now):
        untold.update(overdue_told=F("answer_by"))
