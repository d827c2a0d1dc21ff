"""Whatever ran before, a test finds the rows that the migrations made."""

from types import SimpleNamespace

import pytest
from django.core.management import call_command

from clinic.models import Clinic, Notice
from tests import conftest, migrated_rows


@pytest.mark.django_db
def test_rows_that_a_flush_took_are_put_back(rows_of_migrations):
    call_command("flush", interactive=False, verbosity=0)
    gone = migrated_rows.read()

    migrated_rows.put_back(rows_of_migrations)

    assert gone.strip() == "[]"
    assert migrated_rows.read() == rows_of_migrations
    assert (Clinic.objects.count(), Notice.objects.exists()) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_they_are_there_for_the_next_test_in_one_transaction(request, rows_of_migrations):
    next_one = SimpleNamespace(config=request.config, get_closest_marker=lambda name: pytest.mark.django_db.mark)
    call_command("flush", interactive=False, verbosity=0)

    conftest.pytest_runtest_setup(next_one)

    assert migrated_rows.read() == rows_of_migrations
    conftest.pytest_runtest_setup(request.node)  # This one's own flush comes after that.
