from django.db import migrations, models


class Migration(migrations.Migration):
    """What an old calendar said last of a number and an address, so that another one is seen and asked about."""

    dependencies = [("appointments", "0075_letters_and_numbers_are_found_as_typed")]

    operations = [
        migrations.AddField(
            model_name="broughtin",
            name=name,
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        )
        for name in ("phone_digest", "email_digest")
    ]
