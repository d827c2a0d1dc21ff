from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0063_the_history_of_day_notes_stays"),
    ]

    operations = [
        migrations.AddField(
            model_name="workerheartbeat",
            name="version",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
