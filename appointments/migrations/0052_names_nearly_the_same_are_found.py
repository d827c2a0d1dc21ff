from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations

from appointments.inquiries import search

BATCH = 2000
FIELDS = ("pk", "name", "patient_name", "reference", "email", "phone", "patient_phone", "search_words")


def write_again(apps, schema_editor):
    inquiries = apps.get_model("appointments", "Inquiry").objects.using(schema_editor.connection.alias)
    last = 0
    while rows := list(inquiries.filter(pk__gt=last).order_by("pk").only(*FIELDS)[:BATCH]):
        last = rows[-1].pk
        found = [
            (row.pk, search.words_of(row), "/".join(search.trigrams_of((row.name, row.patient_name), row.email)))
            for row in rows
            if row.search_words  # Empty where it was erased.
        ]
        ids, words, trigrams = zip(*found, strict=True) if found else ((), (), ())
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE appointments_inquiry SET search_words = new.words,"
                " search_trigrams = string_to_array(new.trigrams, '/')"
                " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (id, words, trigrams)"
                " WHERE appointments_inquiry.id = new.id",
                [list(ids), list(words), list(trigrams)],
            )


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
