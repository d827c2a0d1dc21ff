"""Whatever ran before, a test finds the rows that the migrations made."""

import pytest
from django.core.management import call_command

from clinic.models import Clinic, Notice
from tests import migrated_rows

pytestmark = pytest.mark.django_db


def test_rows_that_a_flush_took_are_put_back(rows_of_migrations):
    call_command("flush", interactive=False, verbosity=0)
    gone = migrated_rows.read()

    migrated_rows.put_back(rows_of_migrations)

    assert gone.strip() == "[]"
    assert migrated_rows.read() == rows_of_migrations
    assert (Clinic.objects.count(), Notice.objects.exists()) == (1, True)
