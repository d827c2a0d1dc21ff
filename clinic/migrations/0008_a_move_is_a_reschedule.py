from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0007_what_the_clinic_allows"),
    ]

    operations = [
        migrations.RenameField(
            model_name="clinic",
            old_name="moves_allowed",
            new_name="reschedules_allowed",
        ),
    ]
