from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("procedures", "0008_drawings_are_uploaded"),
    ]

    operations = [
        migrations.AlterField(
            model_name="procedure",
            name="is_surgery",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Search engines are told so; otherwise they read “procedure”.",
                verbose_name="it is surgery",
            ),
        ),
    ]
