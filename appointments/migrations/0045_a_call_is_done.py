from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appointments", "0044_an_erasure_stays_as_it_was_written")]

    operations = [
        migrations.AlterField(
            model_name="calltask",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "To be made"),
                    ("done", "Done"),
                    ("by_mail", "Told by mail instead"),
                    ("cancelled", "Not needed any longer"),
                ],
                default="waiting",
                max_length=9,
                verbose_name="state",
            ),
        ),
    ]
