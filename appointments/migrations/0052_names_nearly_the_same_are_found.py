from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations

from appointments.inquiries import search


def write_again(apps, schema_editor):
    search.write_again(apps.get_model("appointments", "Inquiry").objects.using(schema_editor.connection.alias))


class Migration(migrations.Migration):
    """
    A reference is found by any four of its signs, an email by its parts, and a name by one that is nearly the same.

    Written for what is stored, two thousand rows at a time: some minutes for a million, and nobody waits meanwhile.
    Then the index is built beside the running site. Broken off, that leaves an index that is invalid: drop it (DROP
    INDEX inquiries_by_their_trigrams) and migrate again. An older version finds by these words what it found before.
    """

    atomic = False

    dependencies = [("appointments", "0051_names_have_trigrams")]

    operations = [
        migrations.RunPython(write_again, migrations.RunPython.noop),
        AddIndexConcurrently(
            "inquiry", GinIndex(fields=["search_trigrams"], name="inquiries_by_their_trigrams", fastupdate=False)
        ),
        migrations.RunSQL("ANALYZE appointments_inquiry", migrations.RunSQL.noop),
    ]
