from django.db import migrations, models


class Migration(migrations.Migration):
    """A clinic that has another time zone than the site is shipped with chose it."""

    dependencies = [
        ("clinic", "0009_an_address_has_parts"),
    ]

    operations = [
        migrations.AddField(
            "clinic",
            "time_zone_confirmed",
            models.BooleanField(
                "the time zone is ours",
                default=False,
                help_text="Tick it once you have compared it with your clocks: visits, hours and reminders follow it.",
            ),
        ),
        migrations.RunSQL(
            "UPDATE clinic_clinic SET time_zone_confirmed = true WHERE time_zone <> 'America/New_York'",
            migrations.RunSQL.noop,
        ),
    ]
