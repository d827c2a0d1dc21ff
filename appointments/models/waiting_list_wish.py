"""What somebody on the waiting list waits for: which kind of visit, with whom, and on which days."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments.models.inquiry import Inquiry
from appointments.models.practitioner import Practitioner
from appointments.models.schedule import VisitType

# A half-day is a number: twice its weekday (0 is Monday), and one more for the afternoon.
HALF_DAYS = range(14)
NOON = 12


def half_day(local: datetime) -> int:
    """The half-day of a moment, as the clinic's clocks show it."""
    return 2 * local.weekday() + (local.hour >= NOON)


def half_day_name(number: int) -> str:
    """ "Monday morning"."""
    words = _("%(day)s afternoon") if number % 2 else _("%(day)s morning")
    return words % {"day": WEEKDAYS[number // 2]}


def named(half_days: Collection[int]) -> str:
    """ "Monday all day, Tuesday morning", or "any day"."""
    return ", ".join(_days(set(half_days))) or _("any day")


def _days(half_days: Collection[int]) -> Iterable[str]:
    for day, name in WEEKDAYS.items():
        these = [number for number in (2 * day, 2 * day + 1) if number in half_days]
        if these:
            yield _("%(day)s all day") % {"day": name} if len(these) == 2 else half_day_name(these[0])


# What was free then is long, and tells nothing of what somebody did.
@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), exclude=["free_then"])
class WaitingListWish(models.Model):
    """What an inquiry's people wait for. Whether they wait, and since when, says Inquiry.waiting_list_since."""

    inquiry = models.OneToOneField(Inquiry, on_delete=models.CASCADE, related_name="waiting_list_wish")
    visit_type = models.ForeignKey(
        VisitType, verbose_name=gettext_lazy("kind of visit"), on_delete=models.PROTECT, related_name="+"
    )
    # Nobody in particular: whoever sees patients for this kind of visit.
    practitioner = models.ForeignKey(
        Practitioner, verbose_name=gettext_lazy("with"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    # Empty: any.
    half_days = ArrayField(models.PositiveSmallIntegerField(), verbose_name=gettext_lazy("days"), default=list)
    # What they could have had when they began to wait, as bookings.free_then writes it: no time of it is news to them.
    free_then = models.JSONField(default=dict)

    # Made by pghistory: one row for each state the wish was in.
    events: Any

    class Meta:
        verbose_name = gettext_lazy("wish on the waiting list")
        verbose_name_plural = gettext_lazy("wishes on the waiting list")
        constraints = [
            models.CheckConstraint(
                name="a_wish_names_half_days_of_a_week", condition=models.Q(half_days__contained_by=list(HALF_DAYS))
            ),
        ]

    def __str__(self):
        who = self.practitioner.name if self.practitioner else _("anybody")
        return f"{self.visit_type.name}, {who}, {self.days}"

    @property
    def days(self) -> str:
        """The days that suit them, in words."""
        return named(self.half_days)
