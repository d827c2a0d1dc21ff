from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0028_counters_and_why_something_is_checked"),
    ]

    operations = [
        migrations.AddField(
            model_name="inquiry",
            name="overdue_told",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
