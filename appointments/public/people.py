"""Who sees patients here, as pages show them to visitors."""

from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from appointments.models import Practitioner, Schedule


class Person(NamedTuple):
    """A practitioner; `online_visit` is the key of a kind of visit whose times patients may choose, or None."""

    pk: int
    name: str
    title: str
    languages: str
    about: str
    online_visit: int | None


def shown() -> tuple[Person, ...]:
    """Those who see patients here now, in the clinic's order: one statement, made once for the process."""
    with connection.cursor() as cursor:
        cursor.execute(*_statement())
        return tuple(map(Person._make, cursor.fetchall()))


# To make it takes ten times as long as to run it.
@cache
def _statement() -> tuple[str, tuple[Any, ...]]:
    people = Practitioner.objects.active().annotate(online_visit=Schedule.objects.first_visit())
    return people.values_list(*Person._fields).query.sql_with_params()
