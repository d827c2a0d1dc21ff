"""Django's backend for Postgres, for a site that goes on while its database is away."""

from typing import Any

import psycopg
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property

from clinic.postgres import outage


class Listening(DatabaseErrorWrapper):
    """Hears each error of the database before Django gives it a name of its own."""

    wrapper: Any

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        if isinstance(exc_value, psycopg.Error):
            self._hear(exc_value)
        super().__exit__(exc_type, exc_value, traceback)

    def _hear(self, error: psycopg.Error) -> None:
        connection = self.wrapper.connection
        if connection is None or connection.closed:
            outage.suspect()
        elif isinstance(error, psycopg.errors.ReadOnlySqlTransaction) and self.wrapper.pool:
            # After a failover this may be the old primary, and a new connection may reach the new one.
            self.wrapper.pool.drain()


class DatabaseWrapper(base.DatabaseWrapper):
    @cached_property
    def wrap_database_errors(self) -> Listening:
        return Listening(self)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Refuse at once while the database is known to be away, unless an open connection is left of it."""
        if outage.is_known() and not (self.pool and self.pool.get_stats().get("pool_available")):
            raise psycopg.OperationalError("the database is away")
        return super().get_new_connection(conn_params)
