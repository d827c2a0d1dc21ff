"""Migrations since the last release leave its processes what they use: they answer until the new ones do."""

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddIndex
from django.db.migrations.state import ProjectState
from django.db.models import Field, ManyToManyField

from tests.upgrade.release import MIGRATIONS

type Fields = dict[tuple[str, str], dict[str, Field]]


@pytest.fixture(scope="module")
def loader():
    return MigrationLoader(None)


@pytest.fixture(scope="module")
def before(loader) -> Fields:
    return fields(loader.project_state(list(MIGRATIONS.items())))


@pytest.fixture(scope="module")
def now(loader) -> Fields:
    return fields(loader.project_state())


def fields(state: ProjectState) -> Fields:
    """The columns of our tables, by table."""
    return {
        key: {name: each for name, each in model.fields.items() if not isinstance(each, ManyToManyField)}
        for key, model in state.models.items()
        if key[0] in MIGRATIONS
    }


def is_needed(column: Field) -> bool:
    """Whether a row cannot be written without it, by code that does not know it."""
    return not (column.null or column.has_db_default() or column.generated or column.primary_key)


def test_no_table_and_no_column_of_the_release_is_gone_or_has_another_name(before, now):
    """Code stops using one in a release; the next release takes it away."""
    gone = {(*key, name) for key, columns in before.items() for name in columns if name not in now.get(key, {})}

    assert gone == set()


def test_the_database_fills_in_each_new_column_of_a_table_of_the_release(before, now):
    new = {
        (*key, name)
        for key, columns in before.items()
        for name, column in now.get(key, {}).items()
        if is_needed(column) and not (name in columns and is_needed(columns[name]))
    }

    assert new == set()


def test_an_index_of_a_table_of_the_release_is_built_beside_its_readers_and_writers(loader, before):
    slow = [
        (migration.app_label, migration.name, operation.model_name)
        for migration in loader.disk_migrations.values()
        if migration.name > MIGRATIONS.get(migration.app_label, "~")
        for operation in migration.operations
        if isinstance(operation, AddIndex) and not isinstance(operation, AddIndexConcurrently)
        if (migration.app_label, operation.model_name_lower) in before
    ]

    assert slow == []
