from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations
from django.db.models import F, Func, Value


class Migration(migrations.Migration):
    """
    Each search read the whole table. Built beside the running site, which goes on writing.

    Broken off, it leaves an index that is invalid: drop it (DROP INDEX inquiries_by_their_words) and migrate again.
    """

    atomic = False

    dependencies = [("appointments", "0018_words_are_found_as_they_are_typed")]

    operations = [
        AddIndexConcurrently(
            "inquiry",
            GinIndex(
                Func(
                    Func(
                        Func(F("search_words"), Value(" "), function="string_to_array"),
                        Value(""),
                        function="array_remove",
                    ),
                    function="array_to_tsvector",
                    output_field=SearchVectorField(),
                ),
                fastupdate=False,
                name="inquiries_by_their_words",
            ),
        ),
        # An index of an expression has statistics of its own, which the planner misses until somebody counts.
        migrations.RunSQL("ANALYZE appointments_inquiry", migrations.RunSQL.noop),
    ]
