from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """
    Each desk asks which inquiries are the same person's. Built beside the running site.

    Broken off, it leaves an index that is invalid: drop it (DROP INDEX of_the_same_person) and migrate again.
    """

    atomic = False

    dependencies = [("appointments", "0053_who_somebody_is")]

    operations = [
        AddIndexConcurrently(
            "inquiry",
            models.Index(condition=models.Q(same_as__isnull=False), fields=["same_as"], name="of_the_same_person"),
        ),
    ]
