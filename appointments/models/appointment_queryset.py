"""Questions about many appointments."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from appointments.models.appointment_status import AppointmentStatus

# A visit of longer ago that nobody marked is marked no more.
UNMARKED_FOR = timedelta(days=7)


def hours_of(day: date) -> tuple[datetime, datetime]:
    """When a day of the active time zone begins, and when the next one does."""
    start, end = (timezone.make_aware(datetime.combine(each, time())) for each in (day, day + timedelta(days=1)))
    return start, end


def _within(start: datetime, end: datetime) -> Q:
    return Q(starts_at__gte=start, starts_at__lt=end)


class AppointmentQuerySet(models.QuerySet):
    def holding_time(self) -> Self:
        return self.filter(status__in=AppointmentStatus.holding_time())

    def taking_time(self, now: datetime) -> Self:
        """Appointments that keep their time from everybody else at `now`: what was held until earlier is free."""
        return self.holding_time().not_expired(now)

    def not_expired(self, now: datetime) -> Self:
        """All but what was held until a moment that has passed, also where nobody has cleared that away yet."""
        return self.exclude(status__in=AppointmentStatus.held_for_a_while(), held_until__lte=now)

    def live(self) -> Self:
        return self.filter(status__in=AppointmentStatus.live())

    def of_the_patient(self) -> Any:
        """Of one inquiry's appointments the live one, or else the one that was given last."""
        given = self.given()
        return given.live().first() or given.order_by("-time_set_at", "-pk").first()

    def given(self) -> Self:
        """Appointments that are or were somebody's: without proposals, open or withdrawn."""
        taken = self.exclude(status=AppointmentStatus.PROPOSED)
        return taken.exclude(status=AppointmentStatus.CANCELLED, held_until__isnull=False)

    def proposed(self, now: datetime) -> Self:
        """Proposals that a patient may still choose from."""
        return self.filter(status=AppointmentStatus.PROPOSED, held_until__gt=now)

    def held_to_check(self, now: datetime) -> Self:
        """Times that are held for those whose request somebody has to check by hand."""
        return self.filter(status=AppointmentStatus.PENDING, held_until__gt=now)

    def proposed_with(self, other: Any, now: datetime) -> Self:
        """Open proposals that were made together with this one, which may have ended before them."""
        return self.proposed(now).filter(inquiry=other.inquiry_id, created_at=other.created_at)

    def free_held_to_check(self, now: datetime) -> None:
        """Free what is held only until somebody looks at a request. Nobody was told that the time is theirs."""
        self.held_to_check(now).end_early(now)

    def cancel(self) -> None:
        """Cancel all of these: their times are free. What was held until a moment that has come keeps that moment."""
        self.update(status=AppointmentStatus.CANCELLED, version=F("version") + 1)

    def end_early(self, now: datetime) -> None:
        """Free what is offered or held until a moment, before that moment: its end is `now`, and no other one comes."""
        self.update(status=AppointmentStatus.CANCELLED, held_until=now, version=F("version") + 1)

    def to_confirm(self) -> Self:
        """Appointments that the front desk has to confirm."""
        return self.filter(status=AppointmentStatus.PENDING)

    def on(self, day: date) -> Self:
        """Appointments of one day in the active time zone, soonest first, without proposals and cancelled ones."""
        return self.on_days([day])

    def on_days(self, days: Iterable[date]) -> Self:
        """The same of several days, in no order."""
        return self._held().filter(reduce(or_, (_within(*hours_of(day)) for day in days), Q(pk=None)))

    def within(self, start: datetime, end: datetime) -> Self:
        """The same of what begins between two moments."""
        return self._held().filter(_within(start, end))

    def _held(self) -> Self:
        return self.exclude(status__in=(AppointmentStatus.PROPOSED, AppointmentStatus.CANCELLED))

    def displaced(self, now: datetime) -> Self:
        """Live appointments whose time was taken away and whose patient does not know yet, soonest first."""
        lost = self.live().filter(displaced_at__isnull=False, reached_at=None, ends_at__gt=now)
        return lost.order_by("starts_at", "pk")

    def unmarked(self, morning: datetime) -> Self:
        """Booked visits of the days before `morning` of which nobody said whether the patient came."""
        before = self.filter(status=AppointmentStatus.BOOKED, displaced_at=None, starts_at__lt=morning)
        return before.filter(starts_at__gte=morning - UNMARKED_FOR)

    def expired(self, now: datetime) -> Self:
        """Proposals that nobody chose in time, and times held for a request that nobody checked in time."""
        return self.filter(status__in=AppointmentStatus.held_for_a_while(), held_until__lte=now)
