"""Who sees patients here, as pages show them to visitors."""

from typing import NamedTuple

from appointments.models import Practitioner, Schedule
from clinic.made_once import SQL, Statement


class Person(NamedTuple):
    """A practitioner; `online_visit` is the key of a kind of visit whose times patients may choose, or None."""

    pk: int
    name: str
    title: str
    languages: str
    about: str
    online_visit: int | None


def shown() -> tuple[Person, ...]:
    """Those who see patients here now, in the clinic's order: one statement."""
    return tuple(map(Person._make, _people.ask()))


def _sql() -> SQL:
    people = Practitioner.objects.active().annotate(online_visit=Schedule.objects.first_visit())
    return people.values_list(*Person._fields).query.sql_with_params()


_people = Statement(_sql)
