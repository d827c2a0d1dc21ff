from typing import Any

from django.db import models

from appointments.models.inserting import insert
from clinic.made_once import SQL


class OncePerKeyQuerySet(models.QuerySet):
    """Rows that tell something once, by their `dedupe_key`."""

    def insert_once(self, *, room: SQL | None = None, **fields: Any) -> Any:
        """
        The new row, or None where one of its key is there, maybe since a moment ago: one statement.

        None, too, where there is no `room` for it (see inserting.py).

        get_or_create() takes four, two of them for a savepoint. bulk_create() can ignore conflicts, and does not say
        whether there was one.
        """
        row = self.model(**fields)
        return row if insert(row, unless_there=True, room=room) else None
