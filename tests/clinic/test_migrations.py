import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

pytestmark = pytest.mark.django_db

BEFORE, MIGRATION = ("clinic", "0008_a_move_is_a_reschedule"), ("clinic", "0009_an_address_has_parts")

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
    """On the table as it was then, made in a schema of its own: the way back there from today's is long."""
    loader = MigrationLoader(connection)
    before, migration = loader.project_state(BEFORE), loader.get_migration(*MIGRATION)
    clinics = before.apps.get_model("clinic", "Clinic").objects
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA of_then; SET LOCAL search_path TO of_then")
    with connection.schema_editor() as editor:
        editor.create_model(clinics.model)

    divided, joined = {}, {}
    for address in ADDRESSES:
        clinics.update_or_create(pk=1, defaults={"address": address})
        with connection.schema_editor() as editor:
            after = migration.apply(before.clone(), editor)
        new = after.apps.get_model("clinic", "Clinic").objects.get()
        divided[address] = (new.street, new.city, new.state, new.postal_code)
        assert new.country == "US"
        with connection.schema_editor() as editor:
            migration.unapply(before.clone(), editor)
        joined[address] = clinics.get().address.split()

    assert divided == ADDRESSES
    assert joined == {address: address.split() for address in ADDRESSES}
