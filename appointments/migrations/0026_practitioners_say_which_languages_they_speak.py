from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0025_labels_are_american"),
    ]

    operations = [
        migrations.AddField(
            model_name="practitioner",
            name="languages",
            field=models.CharField(
                blank=True,
                help_text="As patients shall read it, like “English and Spanish”.",
                max_length=150,
                verbose_name="languages they speak",
            ),
        ),
    ]
