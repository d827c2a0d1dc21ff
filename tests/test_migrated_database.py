"""The database that those of the tests are copied from is made once, and anew when what makes it has changed."""

import pytest
from django.conf import settings
from django.db import connection

from tests import migrated_database


def test_it_is_another_one_when_a_migration_or_a_dependency_changes(tmp_path):
    (tmp_path / "clinic" / "migrations").mkdir(parents=True)
    names = []
    for path, words in (
        ("requirements.txt", "django==6.1"),
        ("clinic/migrations/0001_first.py", "a"),
        ("clinic/migrations/0001_first.py", "b"),
        ("clinic/migrations/roles.json", "{}"),
        ("requirements.txt", "django==6.2"),
    ):
        (tmp_path / path).write_text(words)
        names.append(migrated_database.name_for(tmp_path))
    (tmp_path / "clinic" / "migrations" / "0001_first.pyc").write_text("compiled")
    (tmp_path / "clinic" / "roles.py").write_text("")

    assert len(set(names)) == 5
    assert migrated_database.name_for(tmp_path) == names[-1]


@pytest.mark.real_time
@pytest.mark.django_db(transaction=True)
def test_the_tests_own_is_a_copy_and_asking_again_migrates_nothing(monkeypatch):
    monkeypatch.delattr(migrated_database, "_migrate")

    name = migrated_database.ready()

    assert name == migrated_database.name_for(settings.BASE_DIR)
    assert connection.settings_dict["TEST"]["TEMPLATE"] == name
