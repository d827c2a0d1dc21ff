"""By when the clinic answers, and who hears of it when it has not."""

from datetime import datetime, timedelta
from typing import NamedTuple
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


class Entered(NamedTuple):
    """What the clinic has entered of when it is open."""

    zone: ZoneInfo
    week: list[hours.Opening]
    closures: list[hours.Period]

    def next_answer_by(self, now: datetime) -> datetime:
        return hours.end_of_next_opening_day(now, week=self.week, closures=self.closures, zone=self.zone)


# So old may that be which visitors are promised: as old as their pages (clinic.server.page_store).
BELIEVED_FOR = timedelta(seconds=2)
# What was read last for visitors, and from when on.
_believed: tuple[datetime, Entered] | None = None


def next_answer_by(now: datetime) -> datetime:
    """The time by which we answer what is sent at `now`."""
    return _read(now).next_answer_by(now)


def promised_to_visitors(now: datetime) -> datetime:
    """
    The same for what visitors send, of whom many may come at once: it is read once for all of two seconds.

    What staff enter for a caller is stored by the same verb, and promised alike.
    """
    global _believed
    if not (_believed and _believed[0] <= now < _believed[0] + BELIEVED_FOR):
        _believed = now, _read(now)
    return _believed[1].next_answer_by(now)


def _read(now: datetime) -> Entered:
    if not (found := _open_and_closed.ask(after=now)):  # Nobody has entered the clinic yet.
        return Entered(Clinic().zone, [], Closure.objects.periods_of_the_clinic(after=now))
    zone, days, opens, closes, starts, ends = found[0]
    week = list(map(hours.Opening, days, opens, closes))
    return Entered(ZoneInfo(zone), week, list(map(hours.Period, starts, ends)))


def _hours_and_closures(after: datetime) -> SQL:
    """The clinic's zone, and each field of its opening hours and of its closures as a list."""
    week = OpeningHours.objects.filter(clinic=OuterRef("pk")).order_by("weekday", "opens")
    closures = Closure.objects.of_the_clinic().standing().after(after).order_by("pk")
    lists = [week.values(name) for name in hours.Opening._fields]
    lists += [closures.values(name) for name in hours.Period._fields]
    return Clinic.objects.filter(pk=1).values_list("time_zone", *map(ArraySubquery, lists)).query.sql_with_params()


# One statement: what many submissions wait for at once.
_open_and_closed = Statement(_hours_and_closures)


@transaction.atomic
def notify_of_overdue() -> None:
    """Tell the manager that promises are overdue: once of each, in one mail an hour for all of them."""
    now = timezone.now()
    untold = overdue_promises(now).exclude(overdue_told=F("answer_by"))
    if untold.exists() and notify_manager_of_overdue(now):
        untold.update(overdue_told=F("answer_by"))
