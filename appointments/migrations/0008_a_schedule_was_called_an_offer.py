from django.db import migrations, models


class Migration(migrations.Migration):
    """FHIR R4's word for a practitioner who sees patients for a kind of visit. Django renames its permissions along."""

    dependencies = [
        ("appointments", "0007_lists_that_grow"),
        # Going back, Django reads its list of models as it is described here: without a column that is gone since.
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RenameModel("Offer", "Schedule"),
        migrations.AlterField(
            "schedule",
            "practitioner",
            models.ForeignKey(on_delete=models.CASCADE, related_name="schedules", to="appointments.practitioner"),
        ),
        migrations.AlterField(
            "schedule",
            "visit_type",
            models.ForeignKey(on_delete=models.CASCADE, related_name="schedules", to="appointments.visittype"),
        ),
    ]
