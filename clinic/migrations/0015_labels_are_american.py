from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0014_the_home_page_says_the_clinics_sentences"),
    ]

    operations = [
        migrations.AlterField(
            model_name="clinic",
            name="late_hours",
            field=models.PositiveSmallIntegerField(
                default=24,
                help_text="A late one is accepted all the same, and marked.",
                verbose_name="hours before which canceling is late",
            ),
        ),
    ]
