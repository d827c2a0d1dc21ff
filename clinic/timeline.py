"""Moments and periods: which ones may be entered, and the ranges that exclusion constraints compare."""

from datetime import UTC, datetime

from django.db import models
from django.db.models import CheckConstraint, F, Func, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

# In another time zone a moment of the year 9999 lies in the year 10000, which Python does not know, and so with year 1.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def valid_period(name: str) -> CheckConstraint:
    """A constraint on starts_at and ends_at: the end comes after the start, and both lie between the bounds above."""
    return CheckConstraint(
        name=name,
        condition=Q(starts_at__gt=EARLIEST, ends_at__gt=F("starts_at"), ends_at__lt=LATEST),
        violation_error_message=_("The end must be later than the start, and before the year 2200."),
    )


# Ranges need no extension of Postgres: a range of one element stands for "=".
class Int4Range(Func):
    function = "int4range"


class Int8Range(Func):
    function = "int8range"


class DateRange(Func):
    """Between two days, either of which may be missing: then there is no such end."""

    function = "daterange"


class TsTzRange(Func):
    function = "tstzrange"


class SecondOfDay(Func):
    template = "extract(epoch from %(expressions)s)::int"
    output_field = models.IntegerField()


def seconds_of_week(weekday: str, opens: str, closes: str) -> Int4Range:
    """
    The seconds since Monday midnight between two wall-clock times of a day; the arguments name fields.

    Never raises for times in the wrong order: that is for a CHECK to say, in words.
    """
    first, last = (F(weekday) * 86400 + SecondOfDay(clock) for clock in (opens, closes))
    return Int4Range(Least(first, last), Greatest(first, last))
