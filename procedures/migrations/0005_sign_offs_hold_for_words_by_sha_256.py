import django.db.models.functions.text
from django.db import migrations, models

import clinic.digests

# What a sign-off's digest was made of is still there: those that held for their words hold on, and no others.
HOLD_ON = """
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE procedures_signoff AS sign_off SET digest = revision.new_digest
FROM procedures_revision AS revision
WHERE sign_off.revision_id = revision.id AND sign_off.digest = revision.digest
"""

BACK = """
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE procedures_signoff AS sign_off SET digest = revision.digest
FROM procedures_revision AS revision
WHERE sign_off.revision_id = revision.id AND sign_off.digest = revision.new_digest;
UPDATE procedures_signoff SET digest = left(digest, 32)
"""


def digest(name: str) -> migrations.AddField:
    parts = [clinic.digests.SHA256(part) for part in ("title", "lead", "body")]
    field = models.GeneratedField(
        db_persist=True,
        expression=clinic.digests.SHA256(django.db.models.functions.text.Concat(*parts)),
        output_field=models.CharField(max_length=64),
    )
    return migrations.AddField(model_name="revision", name=name, field=field)


class Migration(migrations.Migration):
    """MD5 can be given another text of the same digest: words could be changed under a signature."""

    dependencies = [("procedures", "0004_a_clinician_signs_words_off")]
    operations = [
        migrations.AlterField(
            model_name="signoff", name="digest", field=models.CharField(editable=False, max_length=64)
        ),
        digest("new_digest"),
        migrations.RunSQL(HOLD_ON, BACK),
        migrations.RemoveField(model_name="revision", name="digest"),
        migrations.RenameField(model_name="revision", old_name="new_digest", new_name="digest"),
    ]
