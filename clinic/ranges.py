"""Ranges that exclusion constraints compare. They need no extension: a one-element range stands for "="."""

from django.db import models
from django.db.models import F, Func
from django.db.models.functions import Greatest, Least


class Int4Range(Func):
    function = "int4range"


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


class Int8Range(Func):
    function = "int8range"


class DateRange(Func):
    """Between two days, either of which may be missing: then there is no such end."""

    function = "daterange"


class TsTzRange(Func):
    function = "tstzrange"
