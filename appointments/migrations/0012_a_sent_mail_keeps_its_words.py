from django.db import migrations, models


class Migration(migrations.Migration):
    """The page of a sent mail was made from today's rows: it showed words that were never sent."""

    dependencies = [("appointments", "0011_a_call_says_how_it_ended")]

    operations = [
        migrations.AddField("email", "subject", models.TextField("subject", blank=True)),
        migrations.AddField("email", "text", models.TextField("text", blank=True)),
        migrations.AddField("email", "html", models.TextField(blank=True)),
    ]
