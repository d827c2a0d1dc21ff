from django.db import migrations, models

import clinic.models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0010_somebody_has_confirmed_the_time_zone"),
    ]

    operations = [
        migrations.AlterField(
            model_name="clinic",
            name="after_hours_phone",
            field=models.CharField(
                default="(212) 555-0199",
                help_text="Patients are told to call it when the clinic is closed.",
                max_length=40,
                validators=[clinic.models.validate_phone],
                verbose_name="after-hours phone number",
            ),
        ),
        migrations.AlterField(
            model_name="clinic",
            name="phone",
            field=models.CharField(
                default="(212) 555-0100",
                max_length=40,
                validators=[clinic.models.validate_phone],
                verbose_name="phone number",
            ),
        ),
    ]
