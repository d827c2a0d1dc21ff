from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0029_freed_times_are_offered"),
    ]

    operations = [
        migrations.AddField(
            model_name="siteidentity",
            name="mails_held_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
