from django.db import migrations, models

import clinic.digests

HOLD_ON = """
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE appointments_preparationsignoff AS sign_off SET digest = visit_type.new_digest
FROM appointments_visittype AS visit_type
WHERE sign_off.visit_type_id = visit_type.id AND sign_off.digest = visit_type.preparation_digest
"""

BACK = """
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE appointments_preparationsignoff AS sign_off SET digest = visit_type.preparation_digest
FROM appointments_visittype AS visit_type
WHERE sign_off.visit_type_id = visit_type.id AND sign_off.digest = visit_type.new_digest;
UPDATE appointments_preparationsignoff SET digest = left(digest, 32)
"""


class Migration(migrations.Migration):
    """As procedures.0005: sign-offs that held for their words hold on."""

    dependencies = [("appointments", "0030_what_changes_a_time_is_mailed_first")]
    operations = [
        migrations.AlterField(model_name="preparationsignoff", name="digest", field=models.CharField(max_length=64)),
        migrations.AddField(
            model_name="visittype",
            name="new_digest",
            field=models.GeneratedField(
                db_persist=True,
                editable=False,
                expression=clinic.digests.SHA256("preparation"),
                output_field=models.CharField(max_length=64),
            ),
        ),
        migrations.RunSQL(HOLD_ON, BACK),
        migrations.RemoveField(model_name="visittype", name="preparation_digest"),
        migrations.RenameField(model_name="visittype", old_name="new_digest", new_name="preparation_digest"),
    ]
