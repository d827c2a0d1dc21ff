"""Whether the database has the tables and columns that this code knows."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.module_loading import module_has_submodule


class OlderThanTheCode(Exception):
    """The database has not had all migrations of this code; the words say what to do."""


def unapplied() -> list[tuple[str, str]]:
    """The migrations of this code that the database has not had, as (app, name), without loading one of them."""
    return sorted(_known() - MigrationRecorder(connection).applied_migrations().keys())


def refuse_an_older() -> None:
    """Raise OlderThanTheCode, or what the database raises when it is away. A newer one is welcome: an upgrade runs."""
    if missing := unapplied():
        app, name = missing[0]
        raise OlderThanTheCode(
            f"The database is older than this code: {len(missing)} migrations are not applied, the first is "
            f"{app}.{name}. Run as the owner of the tables: manage.py migrate"
        )


@cache
def _known() -> frozenset[tuple[str, str]]:
    """As the files were when this process asked first: newer ones may be put in their place while it runs."""
    return frozenset(
        (app.label, each.name)
        for app in apps.get_app_configs()
        if app.module is not None and module_has_submodule(app.module, "migrations")
        for each in iter_modules(getattr(import_module(f"{app.name}.migrations"), "__path__", ()))
        if not each.ispkg and each.name[0] not in "_~"
    )
