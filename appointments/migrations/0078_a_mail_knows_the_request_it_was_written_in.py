from django.db import migrations, models

from clinic.server import request_ids


class Migration(migrations.Migration):
    """Lines of the worker about a mail have the id that the lines of web and nginx about its request have."""

    dependencies = [("appointments", "0077_numbers_are_dialed_as_they_are_read_now")]

    operations = [
        migrations.AddField(
            "email",
            "request",
            models.CharField(blank=True, db_default="", default=request_ids.current, editable=False, max_length=16),
        ),
    ]
