from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import connection, models

from clinic import keyed
from clinic.made_once import SQL


def name_of(what: str, value: str, now: datetime) -> str:
    """The counter's name, salted with the day: it says neither whose it is nor that yesterday's was the same one's."""
    return keyed.lasting(f"appointments.counter {what} {now:%Y%m%d}", value)


class CounterQuerySet(models.QuerySet["Counter"]):
    def up(self, names: Iterable[str], *, until: datetime) -> dict[str, int]:
        """Count one more under each of these names, in one statement: what each has come to, by its name."""
        # In one order, so that two statements do not wait for each other.
        rows = sorted(set(names))
        if not rows:
            return {}
        values = ", ".join(["(%s, %s, 1)"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO appointments_counter AS old (name, until, number) VALUES {values}"  # noqa: S608  (Signs of ours.)
                " ON CONFLICT (name) DO UPDATE SET number = old.number + 1 RETURNING name, number",
                [value for name in rows for value in (name, until)],
            )
            return dict(cursor.fetchall())

    def room(self, first: tuple[str, int], second: tuple[str, int], *, until: datetime) -> SQL:
        """
        What an INSERT begins with that stores a row only where two names, which may come to so many each, have room.

        It counts one more under both, and its `room` has a row then (see inserting.py). The second is counted only
        where the first had room: whoever uses up the first takes nothing of the second.
        """
        one_more = "ON CONFLICT (name) DO UPDATE SET number = old.number + 1 WHERE old.number < %s RETURNING 1"
        into = "INSERT INTO appointments_counter AS old (name, until, number)"
        (name, most), (other, most_of_other) = first, second
        one = f"{into} VALUES (%s, %s, 1) {one_more}"
        both = f"{into} SELECT %s, %s, 1 FROM one {one_more}"  # noqa: S608  (Signs of ours.)
        return f"WITH one AS ({one}), room AS ({both})", [name, until, most, other, until, most_of_other]

    def down(self, names: Iterable[str]) -> None:
        """Count one less under each of these names: what was counted did not come about."""
        for name in names:  # One by one, so that nobody waits for a row while holding another.
            self.filter(name=name, number__gt=0).update(number=models.F("number") - 1)

    def over(self, now: datetime) -> Self:
        """Counters whose hour or day has passed."""
        return self.filter(until__lte=now)


class Counter(models.Model):
    """How often something came within an hour or a day. Its name is a hash with that day in it: it tells nothing."""

    name = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()
    number = models.PositiveIntegerField()

    objects = CounterQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["until"], name="counters_by_their_end")]

    def __str__(self):
        return f"{self.number} until {self.until:%Y-%m-%d %H:%M}"
