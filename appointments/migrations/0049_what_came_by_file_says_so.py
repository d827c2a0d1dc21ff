from django.db import migrations


class Migration(migrations.Migration):
    """The history gets a row of each, too: nothing of it is shown."""

    dependencies = [
        ("appointments", "0048_callers_and_walk_ins"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE appointments_inquiry SET source = 'file' WHERE submission_id LIKE 'import:%'",
            migrations.RunSQL.noop,
        ),
    ]
