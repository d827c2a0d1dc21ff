import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from clinic import database_limits

pytestmark = pytest.mark.django_db

BEFORE, AFTER = [("clinic", "0008_a_move_is_a_reschedule")], [("clinic", "0009_an_address_has_parts")]


def migrate(to):
    """Go there, as patiently as the command; the apps as they were then."""
    executor = MigrationExecutor(connection)
    with database_limits.lifted():
        executor.migrate(to)
    return executor.loader.project_state(to).apps


ADDRESSES = {
    "7 Maple Street\nAlbany, NY 12207": ("7 Maple Street", "Albany", "NY", "12207"),
    "Maple House\r\n7 Maple Street \r\nSt. Louis, MO 63101-1234\r\n": (
        "Maple House\n7 Maple Street", "St. Louis", "MO", "63101-1234",
    ),
    "7 Maple Street, Albany, NY 12207": ("7 Maple Street, Albany, NY 12207", "", "", ""),
    "7 Maple Street\nAlbany": ("7 Maple Street\nAlbany", "", "", ""),
    "1 High Street\nLondon\nSW1A 1AA": ("1 High Street\nLondon\nSW1A 1AA", "", "", ""),
    "": ("", "", "", ""),
}  # fmt: skip


def test_an_address_is_divided_and_shown_as_before():
    """All in one test: the way back to these tables is long, and only its last step differs."""
    divided, joined = {}, {}
    old = migrate(BEFORE).get_model("clinic", "Clinic")
    for address in ADDRESSES:
        old.objects.update_or_create(pk=1, defaults={"address": address})
        new = migrate(AFTER).get_model("clinic", "Clinic").objects.get()
        divided[address] = (new.street, new.city, new.state, new.postal_code)
        assert new.country == "US"
        joined[address] = migrate(BEFORE).get_model("clinic", "Clinic").objects.get().address.split()

    assert divided == ADDRESSES
    assert joined == {address: address.split() for address in ADDRESSES}
