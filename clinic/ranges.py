"""Ranges that exclusion constraints compare. They need no extension: a one-element range stands for "="."""

from django.db import models
from django.db.models import F, Func
from django.db.models.expressions import Combinable


class Int4Range(Func):
    function = "int4range"


class SecondOfDay(Func):
    template = "extract(epoch from %(expressions)s)::int"
    output_field = models.IntegerField()


def second_of_week(weekday: str, clock: str) -> Combinable:
    """The seconds from Monday midnight to the wall-clock time in the field `clock`."""
    return F(weekday) * 86400 + SecondOfDay(clock)
