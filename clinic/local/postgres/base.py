"""Django's backend for the private Postgres: the first connection starts it, and a command without one does not."""

from typing import Any

from django.db.backends.postgresql import client
from django.utils.functional import cached_property

from clinic.local import localdb
from clinic.postgres import base


class DatabaseClient(client.DatabaseClient):
    def runshell(self, parameters: Any) -> None:
        self.connection.get_connection_params()
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """Asked before each connection, also by the pool and by the worker's own connector."""
        self.settings_dict["HOST"] = localdb.ensure(**self.settings_dict["CLUSTER"])["HOST"]
        return super().get_connection_params()

    @cached_property
    def pg_version(self) -> int:
        """Asked by the checks of models, which need no server."""
        return localdb.version()
