from django.db import migrations


def enter_notices(apps, schema_editor):
    """Empty, for the clinic to write: the deployment check fails until they are."""
    for slug in ("privacy-practices", "nondiscrimination", "language-help"):
        apps.get_model("clinic", "Notice").objects.get_or_create(slug=slug)


class Migration(migrations.Migration):
    dependencies = [("clinic", "0003_about_announcements_and_notices")]
    operations = [migrations.RunPython(enter_notices, migrations.RunPython.noop)]
