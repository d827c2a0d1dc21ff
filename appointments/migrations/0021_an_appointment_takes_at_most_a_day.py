from datetime import timedelta

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0020_lists_have_their_indexes"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                name="an_appointment_takes_at_most_a_day",
                condition=models.Q(blocked_until__lte=models.F("starts_at") + timedelta(days=1)),
            ),
        ),
    ]
