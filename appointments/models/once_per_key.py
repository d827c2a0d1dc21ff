from typing import Any

from django.db import models
from django.db.models.constants import OnConflict


class OncePerKeyQuerySet(models.QuerySet):
    """Rows that tell something once, by their `dedupe_key`."""

    def insert_once(self, **fields: Any) -> Any:
        """
        The new row, or None where one of its key is there, maybe since a moment ago: one statement.

        get_or_create() takes four, two of them for a savepoint. bulk_create() can ignore conflicts, and does not say
        whether there was one: hence Django's own method below it.
        """
        row = self.model(**fields)
        columns = [field for field in self.model._meta.concrete_fields if not field.primary_key]
        inserted = self._insert(  # type: ignore[attr-defined]
            [row], columns, returning_fields=[self.model._meta.pk], using=self.db, on_conflict=OnConflict.IGNORE
        )
        if not any(inserted):
            return None
        [(row.pk,)] = inserted
        row._state.adding, row._state.db = False, self.db
        return row
